import type { KindDefinition, KindRegistry } from "@meridian/model";
import { answer, type Json, ref } from "./kind-paths.ts";
import { queryParameter } from "./shared.ts";

const text = { type: "string" };
const whole = { type: "integer" };
const anyObject = { type: "object" };
const list = (items: Json): Json => ({ type: "array", items });
const object = (required: readonly string[], properties: Json): Json => ({ type: "object", required, properties });

/** What the inspect endpoints answer (reference: rest-api.md section 4). */
export const inspectSchemas: Json = {
  ResourceMeta: object(["type", "mesh", "name", "labels"], {
    type: text,
    mesh: text,
    name: text,
    labels: { type: "object", additionalProperties: text },
  }),
  MatchedDataplanes: object(["total", "items"], {
    total: whole,
    items: list(ref("ResourceMeta")),
    next: { ...text, description: "URL of the next page; absent on the last." },
  }),
  InspectedItems: object(["total", "items"], { total: whole, items: list(anyObject), next: text }),
  DataplanePolicies: object(["kind"], {
    kind: { enum: ["SidecarDataplane", "MeshGatewayDataplane"] },
    total: whole,
    items: list(object(["type", "name", "service", "matchedPolicies"], { matchedPolicies: anyObject })),
    gateway: anyObject,
    listeners: list(anyObject),
    policies: anyObject,
  }),
  InspectRules: object(["resource", "httpMatches", "rules"], {
    resource: ref("ResourceMeta"),
    httpMatches: list(object(["hash", "match"], { hash: text, match: list({}) })),
    rules: list(
      object(["type", "toRules", "toResourceRules", "fromRules", "inboundRules", "warnings"], {
        type: text,
        proxyRule: object(["conf", "origin"], { conf: anyObject, origin: list(ref("ResourceMeta")) }),
        toRules: list(anyObject),
        toResourceRules: list(anyObject),
        fromRules: list(anyObject),
        inboundRules: list(anyObject),
        warnings: list(text),
      }),
    ),
  }),
  PoliciesList: object(["policies"], { policies: list(object(["kind", "origins"], { kind: text, origins: list(anyObject) })) }),
  RoutesList: object(["routes"], { routes: list(object(["kind", "rules", "origins"], { kind: text, rules: list(anyObject) })) }),
  DataplaneLayout: object(["kri", "labels", "inbounds", "listeners", "outbounds"], {
    kri: text,
    labels: { type: "object", additionalProperties: text },
    inbounds: list(anyObject),
    listeners: list(anyObject),
    outbounds: list(anyObject),
  }),
  ProxyConfig: object(["xds"], {
    xds: { type: "object", description: "By type URL and name of the resource." },
    diff: { ...list(anyObject), description: "RFC 6902 patch from the config in force." },
  }),
  Hostnames: object(["total", "items"], {
    total: whole,
    items: list(object(["hostname", "zones"], { hostname: text, zones: list(object(["name"], { name: text })) })),
  }),
};

const dataplane = "/meshes/{mesh}/dataplanes/{name}";

const dataplanePaths: readonly (readonly [path: string, id: string, summary: string, schema: string])[] = [
  ["policies", "policies", "Policies by what they attach to", "DataplanePolicies"],
  ["rules", "ruleList", "Merged policies as one flat list", "InspectedItems"],
  ["_rules", "rules", "Merged policies by kind", "InspectRules"],
  ["_layout", "layout", "Listeners and the names of their Envoy resources", "DataplaneLayout"],
  ["_policies", "proxyPolicies", "What is wanted of the whole proxy", "PoliciesList"],
  ["_inbounds/{kri}/_policies", "inboundPolicies", "What is wanted of one inbound", "PoliciesList"],
  ["_outbounds/{kri}/_policies", "outboundPolicies", "What is wanted of one outbound", "PoliciesList"],
  ["_outbounds/{kri}/_routes", "outboundRoutes", "Routes of one outbound", "RoutesList"],
  ["_outbounds/{kri}/_routes/{routeKri}/_policies", "routePolicies", "What is wanted of one route", "PoliciesList"],
];

const pageParameters: readonly Json[] = ["size", "offset", "name"].map((name) => ({ $ref: `#/components/parameters/${name}` }));

/** Paths of `routes/inspect`. */
export function inspectPaths(kinds: KindRegistry): Json {
  const config = read("proxyConfig", { summary: "What the proxy should hold", schema: "ProxyConfig" }, [
    queryParameter("shadow", { type: "boolean" }, "As if shadow policies acted."),
    queryParameter("include", { enum: ["diff"] }, "Also what differs from the config in force."),
  ]);
  return Object.assign(
    {},
    ...dataplanePaths.map(([path, id, summary, schema]) =>
      entry(`${dataplane}/${path}`, read(`${id}OfDataplane`, { summary, schema })),
    ),
    entry(`${dataplane}/_config`, config),
    ...kinds.all.map(kindPaths),
  );
}

function kindPaths({ kind, path, category }: KindDefinition): Json {
  const item = `/meshes/{mesh}/${path}/{name}`;
  const matched = (id: string) =>
    read(id, { summary: "Data planes that it is for", schema: "MatchedDataplanes" }, pageParameters);
  const isService = ["MeshService", "MeshExternalService", "MeshMultiZoneService"].includes(kind);
  const isGateway = kind === "MeshGateway";
  const attached = { summary: "Data planes, and what it attaches to in each", schema: "InspectedItems" };
  return {
    ...((category === "policy" || isGateway) && {
      ...entry(`${item}/dataplanes`, read(`attachmentsOf${kind}`, attached, pageParameters.slice(0, 2))),
      ...entry(`${item}/_resources/dataplanes`, matched(`dataplanesOf${kind}`)),
    }),
    ...(isGateway && entry(`${item}/_rules`, read("rulesOfMeshGateway", { summary: "Merged policies", schema: "InspectRules" }))),
    ...(isService &&
      entry(`${item}/_hostnames`, read(`hostnamesOf${kind}`, { summary: "Its names, by zone", schema: "Hostnames" }))),
    ...(kind === "MeshService" && {
      ...entry(`${item}/_dataplanes`, matched("dataplanesBehindMeshService")),
      ...entry(`${item}/_resources/dataplanes`, matched("dataplanesOfMeshService")),
    }),
  };
}

function entry(path: string, get: Json): Json {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return { [path]: { parameters: names.map((name) => ({ name, in: "path", required: true, schema: text })), get } };
}

function read(
  operationId: string,
  told: { readonly summary: string; readonly schema: string },
  parameters: readonly Json[] = [],
): Json {
  return {
    operationId,
    tags: ["Inspect"],
    summary: told.summary,
    parameters,
    responses: {
      "200": answer(told.summary, ref(told.schema)),
      "400": { $ref: "#/components/responses/BadRequest" },
      "404": { $ref: "#/components/responses/NotFound" },
      ...(operationId === "proxyConfig" && { "405": { $ref: "#/components/responses/ReadOnly" } }),
    },
  };
}
