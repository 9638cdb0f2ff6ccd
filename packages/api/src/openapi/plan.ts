import { answer, type Json, jsonBody, ref } from "./kind-paths.ts";

const text = { type: "string" };
const whole = { type: "integer" };
const texts = { type: "array", items: text };

const zoneImpact: Json = {
  type: "object",
  required: ["zone", "proxies", "changed", "changedOnline", "bytes"],
  properties: {
    zone: text,
    proxies: whole,
    changed: whole,
    changedOnline: whole,
    bytes: { ...whole, description: "What its connected proxies would be sent." },
  },
};

const summaryLine: Json = {
  type: "object",
  required: ["about", "mesh", "text", "services", "zones", "proxies", "policies"],
  properties: {
    about: { enum: ["routes", "permissions", "mesh", "identity", "config"] },
    mesh: text,
    text,
    services: texts,
    zones: texts,
    proxies: whole,
    policies: { ...texts, description: "`Kind/mesh/name` of the policies that decide it." },
  },
};

const cutOff: Json = {
  type: "object",
  required: ["mesh", "from", "to", "extent", "reason", "text", "zones", "proxies", "policies"],
  properties: {
    mesh: text,
    from: text,
    to: text,
    extent: { enum: ["all", "part"] },
    reason: { enum: ["no-route", "no-endpoints", "refused"] },
    text,
    zones: texts,
    proxies: { ...whole, description: "Connected clients." },
    policies: texts,
  },
};

const changeGroup: Json = {
  type: "object",
  required: ["proxies", "bytes", "resources"],
  properties: {
    proxies: {
      type: "array",
      items: {
        type: "object",
        required: ["zone", "name", "online"],
        properties: { zone: text, mesh: text, name: text, online: { type: "boolean" } },
      },
    },
    bytes: { ...whole, description: "What each of them would be sent." },
    resources: {
      type: "array",
      items: {
        type: "object",
        required: ["type", "name", "change", "policies"],
        properties: {
          type: text,
          name: text,
          change: { enum: ["added", "changed", "removed"] },
          policies: texts,
          diff: { ...text, description: "Unified diff of the YAML; only with `envoy`." },
        },
      },
    },
  },
};

/** What plans take and answer. */
export const planSchemas: Json = {
  PlanRequest: {
    allOf: [
      ref("ApplyRequest"),
      {
        type: "object",
        properties: { envoy: { type: "boolean", description: "With the diff of each Envoy resource." } },
      },
    ],
  },
  PlanAnswer: {
    type: "object",
    required: ["revision", "changed", "results", "proxies", "bytes", "zones", "summary", "cutOffs", "failures", "groups"],
    properties: {
      revision: { ...whole, description: "The state that the documents were held against." },
      changed: { type: "boolean", description: "Whether an apply would write anything." },
      results: { type: "array", items: { type: "object" } },
      warnings: texts,
      proxies: { ...whole, description: "Proxies whose config would change." },
      bytes: whole,
      zones: { type: "array", items: zoneImpact },
      summary: { type: "array", items: summaryLine },
      cutOffs: { type: "array", items: cutOff, description: "Traffic that flows now and would not any more." },
      failures: {
        type: "array",
        description: "What could not be generated: those proxies would keep what they have.",
        items: {
          type: "object",
          required: ["zone", "unit", "message"],
          properties: { zone: text, unit: text, message: text },
        },
      },
      groups: { type: "array", items: changeGroup, description: "Proxies that change alike are one group." },
      groupsWithoutDiff: { ...whole, description: "So many of the last groups come without diffs: there are too many." },
    },
  },
};

export const planPaths: Json = {
  "/plan": {
    post: {
      operationId: "plan",
      summary: "What applying these documents would do to the proxies of all zones; nothing is written",
      requestBody: { required: true, content: { ...jsonBody(ref("PlanRequest")), "application/yaml": { schema: text } } },
      responses: {
        "200": answer("Which proxies would change, and how", ref("PlanAnswer")),
        "400": answer("An apply would be refused", ref("Error")),
      },
    },
  },
};
