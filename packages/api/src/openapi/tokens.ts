import { jsonBody, operation, textAnswer } from "./operation.ts";
import { type Json, object, text, texts } from "./schema.ts";

const validFor = { ...text, description: "A duration: `24h`. Dataplane and zone tokens without one are good for ten years." };
const orNull = (type: string, more: Json = {}): Json => ({ type: [type, "null"], ...more });

export const tokenSchemas: Json = {
  DataplaneTokenRequest: object(["mesh"], {
    name: text,
    mesh: text,
    tags: orNull("object", { additionalProperties: texts }),
    type: { enum: ["", "dataplane", "ingress", "egress"] },
    workload: text,
    validFor,
  }),
  ZoneTokenRequest: object(["scope"], {
    zone: text,
    scope: { type: "array", items: { enum: ["ingress", "egress", "cp"] } },
    validFor,
  }),
  UserTokenRequest: object(["name", "validFor"], { name: text, groups: orNull("array", { items: text }), validFor }),
};

const token = (kind: string): Json => ({
  post: operation({
    id: `${kind}Token`,
    summary: `Issue a ${kind} token`,
    tag: "Tokens",
    body: jsonBody({ $ref: `#/components/schemas/${kind.charAt(0).toUpperCase()}${kind.slice(1)}TokenRequest` }),
    answers: { "200": textAnswer("The token") },
    // 404: there is no signing key. 405: the control plane keeps none.
    refusals: ["403", "404", "405"],
  }),
});

export const tokenPaths: Json = {
  "/tokens/dataplane": token("dataplane"),
  "/tokens/zone": token("zone"),
  "/tokens/user": token("user"),
};
