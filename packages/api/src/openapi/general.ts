import type { ApiDeps } from "../ports.ts";
import { answer, operation, parameter, path, textAnswer } from "./operation.ts";
import { anyObject, count, type Json, list, object, record, ref, text, texts, time, whole, yes } from "./schema.ts";

const proxyCounts = record({ total: count, online: count, offline: count, partiallyDegraded: count });
const onlineOf = record({ online: count, total: count });
const byKind = { type: "object", additionalProperties: record({ total: count }), description: "By kind." };
const link = object(["state", "since", "globalRevision"], {
  state: { enum: ["connecting", "connected", "refused", "stopped"] },
  since: time,
  reason: { ...text, description: "Why it is not connected." },
  code: text,
  globalRevision: { ...whole, description: "What the zone holds of its global." },
  warnings: list(anyObject),
  rejected: { ...list(anyObject), description: "The zone's own resources that the global does not take, and why." },
});

export const generalSchemas: Json = {
  Index: object(["clusterId", "gui", "hostname", "instanceId", "product", "version", "mode"], {
    clusterId: text,
    gui: { ...text, description: "Path of the console; empty where there is none." },
    hostname: text,
    instanceId: text,
    product: text,
    version: text,
    mode: { enum: ["global", "zone", "standalone"] },
    zone: text,
    link: { ...link, description: "Of a zone to its global." },
  }),
  User: record({ name: text, groups: texts }),
  PolicyKinds: record({
    policies: list(
      record({
        name: text,
        readOnly: yes,
        path: text,
        singularDisplayName: text,
        pluralDisplayName: text,
        isExperimental: yes,
        isTargetRefBased: yes,
        isInbound: yes,
        isOutbound: yes,
      }),
    ),
  }),
  ResourceKinds: record({
    resources: list(
      object(
        ["name", "path", "scope", "singularDisplayName", "pluralDisplayName", "readOnly", "includeInFederation", "category"],
        {
          name: text,
          path: text,
          scope: { enum: ["Mesh", "Global"] },
          shortName: text,
          singularDisplayName: text,
          pluralDisplayName: text,
          readOnly: yes,
          includeInFederation: yes,
          category: { enum: ["core", "policy", "secret", "insight"] },
          zoneOwned: yes,
          hasPolicyStatus: yes,
          policy: record({
            hasToTargetRef: yes,
            hasFromTargetRef: yes,
            hasRulesTargetRef: yes,
            isTargetRef: yes,
            isFromAsRules: yes,
          }),
        },
      ),
    ),
  }),
  GlobalInsight: record({
    createdAt: time,
    dataplanes: record({ standard: proxyCounts, gatewayBuiltin: proxyCounts, gatewayDelegated: proxyCounts }),
    meshes: record({ total: count }),
    policies: record({ total: count }),
    resources: byKind,
    services: record({
      external: record({ total: count }),
      internal: proxyCounts,
      gatewayBuiltin: proxyCounts,
      gatewayDelegated: proxyCounts,
    }),
    zones: record({ controlPlanes: onlineOf, zoneEgresses: onlineOf, zoneIngresses: onlineOf }),
  }),
  GlobalInsights: record({ type: { const: "GlobalInsights" }, creationTime: time, resources: byKind }),
};

const tag = "Control plane";
const storeless = (id: string, summary: string, schema: Json): Json => ({
  get: operation({ id, summary, tag, answers: { "200": answer(summary, schema) }, isStoreless: true }),
});

/** What control plane this is and what it knows. */
export function generalPaths({ kinds }: Pick<ApiDeps, "kinds">): Json {
  const withKri = kinds.all.filter(({ shortName }) => shortName !== undefined).map(({ kind }) => ref(kind));
  const byKri = operation({
    id: "byKri",
    summary: "Read a resource by its KRI: `kri_<short>_<mesh>_<zone>_<namespace>_<name>_<section>`",
    tag,
    parameters: [parameter("format")],
    answers: { "200": answer("The resource", { anyOf: [...withKri, ref("KubernetesObject")] }) },
    refusals: ["403", "404"],
  });
  const insight = (id: string, summary: string, schema: string): Json => ({
    get: operation({ id, summary, tag, answers: { "200": answer(summary, ref(schema)) } }),
  });
  return {
    "/": storeless("index", "What control plane this is", ref("Index")),
    "/who-am-i": storeless("whoAmI", "Who the control plane takes you for", ref("User")),
    "/config": storeless("config", "The settings in force, secrets masked", anyObject),
    "/policies": storeless("policies", "The kinds of policies", ref("PolicyKinds")),
    "/_resources": storeless("resources", "The kinds of resources", ref("ResourceKinds")),
    "/global-insight": insight("globalInsight", "Counts over all meshes", "GlobalInsight"),
    "/global-insights": insight("globalInsights", "Counts of kinds of global scope; older form", "GlobalInsights"),
    ...path("/_kri/{kri}", { get: byKri }),
    "/openapi.json": storeless("openApiDocument", "This document", anyObject),
    "/docs": {
      get: operation({
        id: "docs",
        summary: "This document, to read",
        tag,
        answers: { "200": { ...textAnswer("A page"), content: { "text/html": { schema: text } } } },
        isStoreless: true,
      }),
    },
  };
}
