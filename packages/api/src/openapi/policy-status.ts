import type { KindDefinition } from "@meridian/model";
import { answer, type Json, jsonBody, ref } from "./kind-paths.ts";
import { queryParameter } from "./shared.ts";

const text = { type: "string" };
const whole = { type: "integer", minimum: 0 };
const time = { ...text, format: "date-time" };
const counts: Json = {
  type: "object",
  required: ["applied", "converged", "pending", "rejected", "unknown"],
  properties: {
    applied: { ...whole, description: "Connected proxies whose config the policy has a part in: the sum of the others." },
    converged: { ...whole, description: "They have acknowledged the newest config that the policy decided." },
    pending: { ...whole, description: "They have yet to answer." },
    rejected: { ...whole, description: "They refuse it, and go on with their last good config." },
    unknown: { ...whole, description: "Of zones that are not heard: what they said last." },
  },
};
const states = ["converged", "pending", "rejected", "unknown", "unapplied"];

const zone: Json = {
  type: "object",
  required: ["zone", "state", "proxies", "rejections", "notes"],
  properties: {
    zone: text,
    state: { enum: [...states, "disabled"] },
    unknownSince: time,
    proxies: counts,
    rejections: {
      type: "array",
      items: {
        type: "object",
        required: ["message", "proxies", "proxyNames", "resources", "revision", "time"],
        properties: {
          message: { ...text, description: "Envoy's own words." },
          proxies: { ...whole, description: "How many proxies say so." },
          proxyNames: { type: "array", items: text, description: "The first of them." },
          resources: { type: "array", items: text, description: "Names of the refused Envoy resources." },
          revision: whole,
          time,
        },
      },
    },
    notes: {
      type: "array",
      description: "Why the policy, though valid, cannot do for some proxies what it says.",
      items: { type: "object", required: ["message", "proxies"], properties: { message: text, proxies: whole } },
    },
  },
};

export const policyStatusSchemas: Json = {
  PolicyStatus: {
    type: "object",
    required: ["type", "name", "version", "state", "proxies", "zones"],
    properties: {
      type: text,
      mesh: text,
      name: text,
      version: { ...whole, description: "The revision that wrote the policy last." },
      state: { enum: states },
      proxies: counts,
      zones: { type: "array", items: zone },
    },
  },
  PolicyStatusList: {
    type: "object",
    required: ["total", "items", "next"],
    properties: { total: whole, items: { type: "array", items: ref("PolicyStatus") }, next: { type: ["string", "null"] } },
  },
};

const pathParameter = (name: string): Json => ({ name, in: "path", required: true, schema: text });
const notFound = { "404": { $ref: "#/components/responses/NotFound" } };
const errors = { "400": { $ref: "#/components/responses/BadRequest" }, "503": { $ref: "#/components/responses/Unavailable" } };

/** As `routes/policy-status.ts` serves them. */
export function policyStatusPaths(kind: KindDefinition): Json {
  if (kind.category !== "policy") return {};
  const isMeshScoped = kind.scope === "mesh";
  const own = isMeshScoped ? `/meshes/{mesh}/${kind.path}` : `/${kind.path}`;
  const mesh = isMeshScoped ? [pathParameter("mesh")] : [];
  const list = (operationId: string): Json => ({
    operationId,
    tags: [kind.kind],
    summary: `Where ${kind.pluralDisplayName} stand`,
    parameters: ["size", "offset", "name", "minRevision"].map((name) => ({ $ref: `#/components/parameters/${name}` })),
    responses: { "200": answer("A page of statuses", ref("PolicyStatusList")), ...errors, ...notFound },
  });
  return {
    [`${own}/_status`]: { parameters: mesh, get: list(`statusOf${kind.kind}s`) },
    ...(isMeshScoped && { [`/${kind.path}/_status`]: { get: list(`statusOfAll${kind.kind}s`) } }),
    [`${own}/{name}/_status`]: {
      parameters: [...mesh, pathParameter("name")],
      get: {
        operationId: `statusOf${kind.kind}`,
        tags: [kind.kind],
        summary: `How many proxies a ${kind.singularDisplayName} applies to, how many hold it, and what they say against it`,
        parameters: [queryParameter("wait", { type: "boolean" }, "Stream events until it has settled.")],
        responses: {
          "200": {
            description: "The status",
            content: { ...jsonBody(ref("PolicyStatus")), "text/event-stream": { schema: ref("PolicyStatus") } },
          },
          ...errors,
          ...notFound,
        },
      },
    },
  };
}
