import { answer, type Json, jsonBody, ref } from "./kind-paths.ts";
import { queryParameter } from "./shared.ts";

const text = { type: "string" };
const whole = { type: "integer" };
const yes = { type: "boolean" };
const share = { type: "number", minimum: 0, maximum: 1 };
const list = (items: Json): Json => ({ type: "array", items });
const object = (required: readonly string[], properties: Json): Json => ({ type: "object", required, properties });
const policies = { ...list(text), description: "`Kind/mesh/name` of the policies that decide it." };
const anyObject = { type: "object" };

/** Why something does not arrive (packages/explain/src/types.ts). */
const obstacle = {
  enum: [
    ...["no-client", "zone-disabled", "no-outbound", "no-listener", "cut", "no-route", "no-cluster", "no-endpoints"],
    ...["no-ingress", "no-inbound", "tls-mismatch", "denied", "unseen", "undecided"],
  ],
};

const verdict = object(["outcome", "text", "share", "policies"], {
  outcome: { enum: ["reaches", "partly", "blocked", "answered", "unknown"] },
  text,
  share: { ...share, description: "Of all requests like this one, those that arrive." },
  reason: obstacle,
  policies,
  status: { ...whole, description: "What the client gets instead; absent: its connection is closed." },
});

const endpoint = object(["address", "port", "zone", "priority", "weight", "share", "via"], {
  address: text,
  port: whole,
  zone: text,
  priority: { ...whole, description: "0 is taken first." },
  weight: whole,
  share: { ...share, description: "0: it waits until those before it fail." },
  via: { enum: ["dataplane", "ingress", "address"] },
  name: text,
});

const server = object(["zone", "dataplane", "inbound", "share", "permission"], {
  zone: text,
  dataplane: text,
  inbound: text,
  share,
  obstacle,
  why: text,
  permission: object(["decision", "policies"], {
    decision: { enum: ["allowed", "denied", "open", "unknown"] },
    rule: { ...text, description: "As Envoy knows it; absent: none fits." },
    policies,
    place: { enum: ["http", "network"] },
    shadowDenied: yes,
  }),
});

const destination = object(["cluster", "tags", "share", "endpoints", "leftOut", "servers"], {
  cluster: text,
  tags: { type: "object", additionalProperties: text },
  share,
  sni: text,
  endpoints: list(endpoint),
  leftOut: {
    ...list(object(["zone", "name", "reason"], { zone: text, name: text, reason: text })),
    description: "Who gets nothing.",
  },
  servers: list(server),
  obstacle,
  why: text,
});

const setting = object(["about", "where", "name", "value", "origin", "policies"], {
  about: text,
  where: { ...text, description: "Which part of the configs it stands in." },
  name: text,
  value: text,
  origin: { enum: ["policy", "default", "envoy"], description: "`envoy`: not set, so Envoy's own default holds." },
  policies,
});

const question = {
  from: { ...text, description: "The client: a service, or the name of a data plane." },
  to: { ...text, description: "The service that it calls." },
  path: { ...text, default: "/" },
  method: { ...text, default: "GET" },
  header: { ...list(text), description: "`name:value`, one or several." },
  zone: { ...text, description: "Of the client; absent: any." },
};

export const explainSchemas: Json = {
  ExplainRequest: object(["from", "to"], question),
  Explanation: object(["revision", "request", "verdict", "steps", "destinations", "settings"], {
    revision: whole,
    request: anyObject,
    verdict,
    steps: {
      ...list(
        object(["step", "title", "lines", "policies"], {
          step: { enum: ["client", "outbound", "route", "endpoints", "identity", "permission", "settings"] },
          title: text,
          ok: { ...yes, description: "Absent: neither good nor bad, or not known." },
          lines: list(text),
          policies,
        }),
      ),
      description: "The way in words, as far as it goes.",
    },
    client: anyObject,
    outbound: anyObject,
    route: { ...anyObject, description: "Absent where no route of HTTP is taken." },
    destinations: list(destination),
    settings: { ...list(setting), description: "On the way to the destination with the largest share." },
  }),
};

const responses = {
  "200": answer("The way of the request, whether it arrives or not", ref("Explanation")),
  "400": answer("The question is not valid; every mistake is named", ref("Error")),
  "404": answer("There is no such mesh", ref("Error")),
};

export const explainPaths: Json = {
  "/meshes/{mesh}/_explain": {
    parameters: [{ name: "mesh", in: "path", required: true, schema: text }],
    get: {
      operationId: "explain",
      summary: "Why a request of one service to another arrives, or does not; nothing is sent",
      parameters: Object.entries(question).map(([name, { description = "", ...schema }]: [string, Json]) => ({
        ...queryParameter(name, schema as Json, String(description)),
        ...((name === "from" || name === "to") && { required: true }),
      })),
      responses,
    },
    post: {
      operationId: "explainPosted",
      summary: "The same, for headers that should not stand in a URL",
      requestBody: { required: true, content: jsonBody(ref("ExplainRequest")) },
      responses,
    },
  },
};
