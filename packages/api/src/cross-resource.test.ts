import { expect, test } from "vitest";
import { type TestAnswer, testApi } from "./testing/test-api.ts";

const limit = (name: string, match: object) => ({
  type: "RateLimit",
  mesh: "default",
  name,
  sources: [{ match: { "kuma.io/service": "*" } }],
  destinations: [{ match }],
  conf: { http: { requests: 5, interval: "10s" } },
});
const external = (service: string) => ({
  type: "ExternalService",
  mesh: "default",
  name: service,
  tags: { "kuma.io/service": service },
  networking: { address: "api.example:443" },
});
const mistakes = ({ json }: TestAnswer): readonly string[] =>
  json.invalid_parameters.map(({ field, reason }: { field: string; reason: string }) => `${field}: ${reason}`);

const refused = "RateLimit applied to external service only supports kuma.io/service as destination match";

test("a RateLimit for an external service names its service only", async () => {
  const { call } = await testApi();
  const put = (body: { readonly type: string; readonly name: string }) =>
    call("PUT", `/meshes/default/${body.type === "RateLimit" ? "rate-limits" : "external-services"}/${body.name}`, body);
  expect((await put(limit("versioned", { "kuma.io/service": "billing", version: "v1" }))).status).toBe(201);
  expect((await put(external("orders"))).status).toBe(201);
  expect(mistakes(await put(external("billing")))).toEqual([
    "externalservice: ExternalService would match RateLimit 'versioned' which includes incompatible destination matches",
  ]);
  expect(mistakes(await put(limit("a", { "kuma.io/service": "orders", version: "v1" })))).toEqual([`ratelimit: ${refused}`]);
  expect(mistakes(await put(limit("a", { "kuma.io/service": "*", version: "v1" })))).toEqual([`ratelimit: ${refused}`]);
  expect((await put(limit("a", { "kuma.io/service": "orders" }))).status).toBe(201);
  expect((await put(limit("b", { version: "v1" }))).status).toBe(201);
});

test("also when both come together, and not when the one goes with the batch", async () => {
  const { call } = await testApi();
  const both = [limit("a", { "kuma.io/service": "orders", version: "v1" }), external("orders")];
  const answer = await call("POST", "/apply", { documents: both });
  expect([answer.status, answer.json.invalid_parameters.length]).toEqual([400, 2]);
  expect((await call("POST", "/apply", { documents: [external("orders")] })).status).toBe(200);
  const deletes = [{ type: "ExternalService", mesh: "default", name: "orders" }];
  expect((await call("POST", "/apply", { documents: [both[0]], deletes })).status).toBe(200);
});
