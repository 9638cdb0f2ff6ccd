import { applyFields, batchBody, yamlParameters } from "./apply.ts";
import { answer, operation, queryParameter } from "./operation.ts";
import { count, type Json, list, object, policyKeys, record, ref, text, texts, whole, yes } from "./schema.ts";

const zoneImpact = record({
  zone: text,
  proxies: count,
  changed: count,
  changedOnline: count,
  bytes: { ...count, description: "What its connected proxies would be sent." },
});

const summaryLine = record({
  about: { enum: ["routes", "permissions", "mesh", "identity", "config"] },
  mesh: text,
  text,
  services: texts,
  zones: texts,
  proxies: count,
  policies: policyKeys,
});

const cutOff = record({
  mesh: text,
  from: text,
  to: text,
  extent: { enum: ["all", "part"] },
  reason: { enum: ["no-route", "no-endpoints", "no-egress", "refused"] },
  text,
  zones: texts,
  proxies: { ...count, description: "Connected clients." },
  policies: policyKeys,
});

const changeGroup = record({
  proxies: list(
    object(["zone", "name", "online"], {
      zone: text,
      mesh: { ...text, description: "Absent: a zone proxy." },
      name: text,
      online: yes,
    }),
  ),
  bytes: { ...count, description: "What each of them would be sent." },
  resources: list(
    object(["type", "name", "change", "policies"], {
      type: text,
      name: text,
      change: { enum: ["added", "changed", "removed"] },
      policies: policyKeys,
      diff: { ...text, description: "Unified diff of the YAML; only with `envoy`." },
    }),
  ),
});

/** What plans take and answer. */
export const planSchemas: Json = {
  PlanRequest: object([], { ...applyFields, envoy: { ...yes, description: "With the diff of each Envoy resource." } }),
  PlanAnswer: object(
    ["revision", "changed", "results", "proxies", "bytes", "zones", "summary", "cutOffs", "failures", "groups"],
    {
      revision: { ...whole, description: "The state that the documents were held against." },
      changed: { ...yes, description: "Whether an apply would write anything." },
      results: list(ref("ApplyResult")),
      warnings: texts,
      proxies: { ...count, description: "Proxies whose config would change." },
      bytes: count,
      zones: list(zoneImpact),
      summary: list(summaryLine),
      cutOffs: { ...list(cutOff), description: "Traffic that flows now and would not any more." },
      failures: {
        ...list(record({ zone: text, unit: text, message: text })),
        description: "What could not be generated: those proxies would keep what they have.",
      },
      groups: { ...list(changeGroup), description: "Proxies that change alike are one group." },
      groupsWithoutDiff: { ...count, description: "So many of the last groups come without diffs: there are too many." },
    },
  ),
};

export const planPaths: Json = {
  "/plan": {
    post: operation({
      id: "plan",
      summary: "What applying these documents would do to the proxies of all zones; nothing is written",
      tag: "Apply",
      parameters: [...yamlParameters, queryParameter("envoy", yes, "Of YAML: with the diff of each Envoy resource.")],
      body: batchBody("PlanRequest"),
      answers: {
        "200": answer("Which proxies would change, and how", ref("PlanAnswer")),
        "400": answer("An apply would be refused", ref("Error")),
      },
      refusals: ["403", "405", "409"],
    }),
  },
};
