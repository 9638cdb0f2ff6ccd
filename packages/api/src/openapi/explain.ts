import { answer, jsonBody, operation, path, queryParameter } from "./operation.ts";
import {
  anyObject,
  count,
  type Json,
  list,
  mapOf,
  object,
  policyKeys,
  record,
  ref,
  tags,
  text,
  texts,
  whole,
  yes,
} from "./schema.ts";

const share = { type: "number", minimum: 0, maximum: 1 };
const policies = policyKeys;

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

const step = object(["step", "title", "lines", "policies"], {
  step: { enum: ["client", "outbound", "route", "endpoints", "identity", "permission", "settings"] },
  title: text,
  ok: { ...yes, description: "Absent: neither good nor bad, or not known." },
  lines: texts,
  policies,
});

const client = record({
  zone: text,
  dataplane: text,
  services: texts,
  identity: { ...texts, description: "URI names of its certificate; empty without mTLS." },
  others: { ...mapOf(count), description: "Other data planes that the question could be about, by zone." },
});

const outbound = record({
  address: text,
  port: whole,
  name: { ...text, description: "How people call what it leads to." },
  tags: { ...tags, description: "Empty where it leads to a real service." },
  hosts: { ...texts, description: "What DNS calls its address." },
  also: { ...texts, description: "`address:port` of further outbounds that fit the question." },
  treats: { enum: ["http", "tcp", "nothing"] },
});

const route = record({
  match: { ...text, description: "In words; empty for one that takes everything." },
  place: { ...whole, description: "Among the routes of the outbound, from 1." },
  of: whole,
  policies,
  envoy: { ...anyObject, description: "The Envoy route as it is." },
});

const endpoint = object(["address", "port", "zone", "priority", "weight", "share", "via", "why"], {
  address: text,
  port: whole,
  zone: text,
  priority: { ...whole, description: "0 is taken first." },
  weight: whole,
  share: { ...share, description: "0: it waits until those before it fail." },
  via: { enum: ["dataplane", "ingress", "egress", "external", "address"] },
  name: text,
  why: { ...text, description: "Why it gets that share." },
});

const permission = object(["decision", "policies"], {
  decision: { enum: ["allowed", "denied", "open", "unknown"] },
  rule: { ...text, description: "As Envoy knows it; absent: none fits." },
  policies,
  isExplicit: { ...yes, description: "False: policies speak of others, and who is not spoken of may not come in." },
  place: { enum: ["http", "network", "client"], description: "Who enforces it: `http` answers 403." },
  shadowDenied: yes,
});

const server = object(["zone", "dataplane", "inbound", "through", "share", "permission"], {
  zone: { ...text, description: "Empty outside of the mesh." },
  dataplane: { ...text, description: "Outside of the mesh: the ExternalService, or the address." },
  through: { ...texts, description: "Zone proxies on the way, in order." },
  inbound: text,
  share,
  obstacle,
  why: text,
  permission,
});

const destination = object(["name", "cluster", "tags", "share", "endpoints", "arrangedBy", "leftOut", "servers"], {
  name: { ...text, description: "How people call it." },
  cluster: { ...text, description: "Of Envoy." },
  tags,
  share,
  sni: text,
  endpoints: list(endpoint),
  arrangedBy: { ...policies, description: "Who arranges the endpoints, beside where they are." },
  leftOut: { ...list(record({ zone: text, name: text, reason: text })), description: "Who gets nothing." },
  servers: list(server),
  obstacle,
  why: text,
});

const setting = record({
  about: text,
  where: { ...text, description: "Which part of the configs it stands in." },
  name: text,
  value: text,
  origin: { enum: ["policy", "default", "envoy"], description: "`envoy`: not set, so Envoy's own default holds." },
  policies,
});

const question = {
  from: { ...text, description: "The client: a service, or the name of a data plane." },
  to: {
    ...text,
    description:
      "What it calls: a service; host name, name or KRI of a real service, with `:port` if it has several; an address; of a gateway a host.",
  },
  path: { ...text, default: "/" },
  method: { ...text, default: "GET" },
  header: { ...texts, description: "`name:value`, one or several." },
  zone: { ...text, description: "Of the client; absent: any." },
};

export const explainSchemas: Json = {
  ExplainRequest: object(["from", "to"], question),
  Explanation: object(["revision", "request", "verdict", "steps", "destinations", "settings"], {
    revision: whole,
    request: object(["mesh", "from", "to", "path", "method", "headers"], {
      ...{ mesh: text, from: text, to: text, path: text, method: text, zone: text },
      headers: { ...tags, description: "By name in lower case." },
    }),
    verdict,
    steps: { ...list(step), description: "The way in words, as far as it goes." },
    client,
    outbound,
    route: { ...route, description: "Absent where no route of HTTP is taken." },
    destinations: list(destination),
    settings: { ...list(setting), description: "On the way to the destination with the largest share." },
  }),
};

const tag = "Inspect";
const answers = { "200": answer("The way of the request, whether it arrives or not", ref("Explanation")) };

export const explainPaths: Json = path("/meshes/{mesh}/_explain", {
  get: operation({
    id: "explain",
    summary: "Why a request of one service to another arrives, or does not; nothing is sent",
    tag,
    parameters: Object.entries(question).map(([name, { description = "", ...schema }]: [string, Json]) => ({
      ...queryParameter(name, schema as Json, String(description)),
      ...((name === "from" || name === "to") && { required: true }),
    })),
    answers,
    refusals: ["404"],
  }),
  post: operation({
    id: "explainPosted",
    summary: "The same, for headers that should not stand in a URL",
    tag,
    body: jsonBody(ref("ExplainRequest")),
    answers,
    refusals: ["404"],
  }),
});
