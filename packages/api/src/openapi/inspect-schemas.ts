import { anyObject, count, type Json, list, mapOf, object, record, ref, tags, text, texts, whole, yes } from "./schema.ts";

const meta = ref("ResourceMeta");
const conf = { ...anyObject, description: "As in the policy." };
const nameOf = record({ mesh: text, name: text });
const next = { ...text, description: "URL of the next page; absent on the last." };
const matcher = record({ key: text, value: text, not: yes });
const origin = list(object(["resourceMeta", "ruleIndex"], { resourceMeta: meta, ruleIndex: whole }));
const inbound = object(["port", "tags"], { name: text, port: whole, tags });
const tagRule = record({ conf, matchers: list(matcher), origin: list(meta) });
const attachment = record({
  type: { enum: ["dataplane", "inbound", "outbound", "service"] },
  name: { ...text, description: "`ip:port:workloadPort` of an inbound, `ip:port` of an outbound, a service; or empty." },
  service: text,
});
const listener = (destination: Json): Json =>
  record({
    port: whole,
    protocol: text,
    hosts: list(record({ hostName: text, routes: list(record({ route: text, destinations: list(destination) })) })),
  });
const proxyResource = { kri: text, port: whole, proxyResourceName: text };
const origins = list(record({ kri: text }));

/** What the inspect endpoints answer (reference: rest-api.md section 4). */
export const inspectSchemas: Json = {
  ResourceMeta: record({ type: text, mesh: text, name: text, labels: tags }),
  MatchedDataplanes: object(["total", "items"], { total: count, items: list(meta), next }),
  GatewayDataplanes: object(["total", "items"], { total: count, items: list(record({ dataplane: nameOf })), next }),
  PolicyAttachments: object(["total", "items"], {
    total: count,
    items: list({
      anyOf: [
        record({ kind: { const: "SidecarDataplane" }, dataplane: nameOf, attachments: list(attachment) }),
        record({
          kind: { const: "MeshGatewayDataplane" },
          dataplane: nameOf,
          gateway: nameOf,
          listeners: list(listener(tags)),
        }),
      ],
    }),
    next,
  }),
  DataplanePolicies: {
    anyOf: [
      record({
        kind: { const: "SidecarDataplane" },
        total: count,
        items: list(
          object(["type", "name", "service", "matchedPolicies"], {
            ...(attachment["properties"] as Json),
            matchedPolicies: mapOf(list(meta)),
          }),
        ),
      }),
      record({
        kind: { const: "MeshGatewayDataplane" },
        gateway: nameOf,
        listeners: list(listener(record({ tags, policies: mapOf(meta) }))),
        policies: mapOf(meta),
      }),
    ],
  },
  RuleList: record({
    total: count,
    items: list(
      object(["type", "policyType", "subset", "conf", "origins"], {
        type: { enum: ["SingleItem", "DestinationSubset", "ClientSubset", "InboundRule"] },
        name: text,
        addresses: texts,
        service: text,
        tags,
        policyType: text,
        subset: tags,
        conf,
        origins: list(nameOf),
      }),
    ),
  }),
  InspectRules: record({
    resource: meta,
    httpMatches: list(record({ hash: text, match: list(anyObject) })),
    rules: list(
      object(["type", "toRules", "toResourceRules", "fromRules", "inboundRules", "warnings"], {
        type: text,
        proxyRule: record({ conf, origin: list(meta) }),
        toRules: list(tagRule),
        toResourceRules: list(
          object(["conf", "origin", "resourceMeta"], {
            conf: list(conf),
            origin,
            resourceMeta: meta,
            resourceSectionName: text,
          }),
        ),
        fromRules: list(record({ inbound, rules: list(tagRule) })),
        inboundRules: list(
          record({ inbound, rules: list(object(["conf", "origin"], { conf: list(conf), match: anyObject, origin })) }),
        ),
        warnings: texts,
      }),
    ),
  }),
  PoliciesList: record({ policies: list(record({ kind: text, conf, origins })) }),
  InboundPoliciesList: record({
    policies: list(record({ kind: text, rules: list(object(["conf"], { kri: text, conf })), origins })),
  }),
  RoutesList: record({
    routes: list(record({ kind: text, rules: list(record({ kri: text, matches: list(anyObject), conf })), origins })),
  }),
  DataplaneLayout: object(["kri", "labels", "inbounds", "listeners", "outbounds"], {
    kri: text,
    labels: tags,
    spiffeId: text,
    inbounds: list(record({ ...proxyResource, protocol: text })),
    listeners: list(record({ ...proxyResource, type: { enum: ["ZoneIngress", "ZoneEgress"] } })),
    outbounds: list(record({ ...proxyResource, protocol: text })),
  }),
  ProxyConfig: object(["xds"], {
    xds: { ...mapOf(mapOf(anyObject)), description: "By type URL and name of the resource." },
    diff: {
      ...list(object(["op", "path"], { op: { enum: ["add", "remove", "replace"] }, path: text, value: {} })),
      description: "RFC 6902 patch from the config in force.",
    },
  }),
  Hostnames: record({ total: count, items: list(record({ hostname: text, zones: list(record({ name: text })) })) }),
};
