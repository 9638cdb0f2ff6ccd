import type { KindDefinition } from "@meridian/model";
import { hasPolicyStatus, pathsOf } from "../kinds.ts";
import { answer, jsonBody, operation, parameter, path, queryParameter } from "./operation.ts";
import { count, type Json, list, object, record, ref, text, texts, time, whole, yes } from "./schema.ts";

const counts = record({
  applied: { ...count, description: "Connected proxies whose config the policy has a part in: the sum of the others." },
  converged: { ...count, description: "They have acknowledged the newest config that the policy decided." },
  pending: { ...count, description: "They have yet to answer." },
  rejected: { ...count, description: "They refuse it, and go on with their last good config." },
  unknown: { ...count, description: "Of zones that are not heard: what they said last." },
});
const states = ["converged", "pending", "rejected", "unknown", "unapplied"];

const rejection = record({
  message: { ...text, description: "Envoy's own words." },
  proxies: { ...count, description: "How many proxies say so." },
  proxyNames: { ...texts, description: "The first of them." },
  resources: { ...texts, description: "Names of the refused Envoy resources." },
  revision: whole,
  time,
});

const zone = object(["zone", "state", "proxies", "rejections", "notes"], {
  zone: text,
  state: { enum: [...states, "disabled"] },
  unknownSince: time,
  proxies: counts,
  rejections: list(rejection),
  notes: {
    ...list(record({ message: text, proxies: count })),
    description: "Why the policy, though valid, cannot do for some proxies what it says.",
  },
});

export const policyStatusSchemas: Json = {
  PolicyStatus: object(["type", "name", "version", "state", "proxies", "zones"], {
    type: text,
    mesh: text,
    name: text,
    version: { ...whole, description: "The revision that wrote the policy last." },
    state: { enum: states },
    proxies: counts,
    zones: list(zone),
  }),
  PolicyStatusList: record({ total: count, items: list(ref("PolicyStatus")), next: { type: ["string", "null"] } }),
};

/** As `routes/policy-status.ts` serves them. */
export function policyStatusPaths(kind: KindDefinition): Json {
  if (!hasPolicyStatus(kind)) return {};
  const [main = ""] = pathsOf(kind);
  const own = kind.scope === "mesh" ? `/meshes/{mesh}/${main}` : `/${main}`;
  const page = (id: string): Json => ({
    get: operation({
      id,
      tag: kind.kind,
      summary: `Where ${kind.pluralDisplayName} stand`,
      parameters: ["size", "offset", "name", "labels"].map(parameter),
      answers: { "200": answer("A page of statuses", ref("PolicyStatusList")) },
      refusals: ["404"],
    }),
  });
  const one = operation({
    id: `statusOf${kind.kind}`,
    tag: kind.kind,
    summary: `How many proxies a ${kind.singularDisplayName} applies to, how many hold it, and what they say against it`,
    parameters: [queryParameter("wait", yes, "Stream events: `progress` after each change, `settled` at the end.")],
    answers: {
      "200": {
        description: "The status",
        content: { ...jsonBody(ref("PolicyStatus")), "text/event-stream": { schema: ref("PolicyStatus") } },
      },
    },
    refusals: ["404"],
  });
  return {
    ...path(`${own}/_status`, page(`statusOf${kind.kind}s`)),
    ...(kind.scope === "mesh" && path(`/${main}/_status`, page(`statusOfAll${kind.kind}s`))),
    ...path(`${own}/{name}/_status`, { get: one }),
  };
}
