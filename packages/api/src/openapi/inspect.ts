import type { KindDefinition, KindRegistry } from "@meridian/model";
import { answer, operation, parameter, path, queryParameter } from "./operation.ts";
import { type Json, ref, yes } from "./schema.ts";

const dataplane = "/meshes/{mesh}/dataplanes/{name}";

const dataplanePaths: readonly (readonly [path: string, id: string, summary: string, schema: string])[] = [
  ["policies", "policies", "Policies by what they attach to", "DataplanePolicies"],
  ["rules", "ruleList", "Merged policies as one flat list", "RuleList"],
  ["_rules", "rules", "Merged policies by kind", "InspectRules"],
  ["_layout", "layout", "Listeners and the names of their Envoy resources", "DataplaneLayout"],
  ["_policies", "proxyPolicies", "What is wanted of the whole proxy", "PoliciesList"],
  ["_inbounds/{kri}/_policies", "inboundPolicies", "What is wanted of one inbound", "InboundPoliciesList"],
  ["_outbounds/{kri}/_policies", "outboundPolicies", "What is wanted of one outbound", "PoliciesList"],
  ["_outbounds/{kri}/_routes", "outboundRoutes", "Routes of one outbound", "RoutesList"],
  ["_outbounds/{kri}/_routes/{routeKri}/_policies", "routePolicies", "What is wanted of one route", "PoliciesList"],
];

const pageParameters: readonly Json[] = ["size", "offset", "name", "labels"].map(parameter);

/** Paths of `routes/inspect`. */
export function inspectPaths(kinds: KindRegistry): Json {
  const config = read("proxyConfig", "What the proxy should hold", "ProxyConfig", [
    queryParameter("shadow", yes, "As if shadow policies acted."),
    queryParameter("include", { enum: ["diff"] }, "Also what differs from the config in force."),
  ]);
  return Object.assign(
    {},
    ...dataplanePaths.map(([part, id, summary, schema]) =>
      path(`${dataplane}/${part}`, { get: read(`${id}OfDataplane`, summary, schema) }),
    ),
    path(`${dataplane}/_config`, { get: config }),
    ...kinds.all.map(kindPaths),
  );
}

const services = ["MeshService", "MeshExternalService", "MeshMultiZoneService"];

function kindPaths({ kind, path: segment, category }: KindDefinition): Json {
  const item = `/meshes/{mesh}/${segment}/{name}`;
  const entry = (part: string, operation: Json): Json => path(`${item}/${part}`, { get: operation });
  const matched = (id: string): Json => read(id, "Data planes that it is for", "MatchedDataplanes", pageParameters);
  const isGateway = kind === "MeshGateway";
  const attachments = isGateway ? "GatewayDataplanes" : "PolicyAttachments";
  return {
    ...((category === "policy" || isGateway) && {
      ...entry(
        "dataplanes",
        read(`attachmentsOf${kind}`, "Data planes, and what it attaches to in each", attachments, pageParameters),
      ),
      ...entry("_resources/dataplanes", matched(`dataplanesOf${kind}`)),
    }),
    ...(isGateway && entry("_rules", read("rulesOfMeshGateway", "Merged policies", "InspectRules"))),
    ...(services.includes(kind) && entry("_hostnames", read(`hostnamesOf${kind}`, "Its names, by zone", "Hostnames"))),
    ...(kind === "MeshService" && {
      ...entry("_dataplanes", matched("dataplanesBehindMeshService")),
      ...entry("_resources/dataplanes", matched("dataplanesOfMeshService")),
    }),
  };
}

function read(id: string, summary: string, schema: string, parameters: readonly Json[] = []): Json {
  return operation({
    id,
    tag: "Inspect",
    summary,
    parameters,
    answers: { "200": answer(summary, ref(schema)) },
    refusals: id === "proxyConfig" ? ["404", "405"] : ["404"],
  });
}
