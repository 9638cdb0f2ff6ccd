import { Registry } from "@meridian/base";
import { expect, test } from "vitest";
import { buildDiagnostics } from "./diagnostics.ts";
import { elsewhere, kinds, testApi } from "./testing/test-api.ts";

test("the control plane says who it is, to anybody", async () => {
  const link = { state: "connected", since: "2026-01-01T00:00:00Z", globalRevision: 7 };
  const { call } = await testApi({ mode: "zone", linkState: () => link });
  const answer = await call("GET", "/", undefined, { ...elsewhere, authorization: "Bearer nonsense" });
  expect(answer.json).toEqual({
    clusterId: "cluster",
    gui: "",
    hostname: "host",
    instanceId: "host-0001",
    product: "Meridian",
    version: "0.1.0",
    mode: "zone",
    zone: "east",
    link,
  });
  expect((await call("GET", "/config")).text).toBe('{"store":"postgres://user:*****@db/meridian"}');
});

test("kinds describe themselves", async () => {
  const { call } = await testApi();
  const { resources } = (await call("GET", "/_resources")).json;
  expect(resources).toHaveLength(kinds.all.length);
  const route = resources.find(({ name }: { name: string }) => name === "MeshHTTPRoute");
  expect(route).toMatchObject({
    path: "meshhttproutes",
    scope: "Mesh",
    shortName: "mhttpr",
    policy: { isTargetRef: true, hasToTargetRef: true },
  });
  expect(resources.find(({ name }: { name: string }) => name === "DataplaneInsight").readOnly).toBe(true);
  expect(resources.find(({ name }: { name: string }) => name === "Mesh")).not.toHaveProperty("policy");

  const { policies } = (await call("GET", "/policies")).json;
  const names = policies.map(({ name }: { name: string }) => name);
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(expect.arrayContaining(["MeshHTTPRoute", "MeshTrafficPermission", "TrafficPermission", "TrafficRoute"]));
  const zone = (await (await testApi({ mode: "zone" })).call("GET", "/policies")).json.policies;
  expect(zone.find(({ name }: { name: string }) => name === "TrafficRoute").readOnly).toBe(true);
  expect(zone.find(({ name }: { name: string }) => name === "MeshHTTPRoute").readOnly).toBe(false);
});

test("the OpenAPI document names every kind, and every reference in it leads somewhere", async () => {
  const { call } = await testApi();
  const document = (await call("GET", "/openapi.json")).json;
  expect(document.openapi).toBe("3.1.0");
  expect(document.paths["/meshes/{mesh}/traffic-routes/{name}"].put.operationId).toBe("putTrafficRoute");
  expect(document.paths["/meshes/{mesh}/dataplane-insights/{name}"]).not.toHaveProperty("put");
  expect(document.components.schemas.TrafficRoute.properties).toHaveProperty("conf");
  for (const [, name = "", part = ""] of JSON.stringify(document).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
    expect(document.components[name], part).toHaveProperty(part);
  }
  const ids = Object.values(document.paths as Record<string, Record<string, { operationId?: string }>>)
    .flatMap((path) => Object.values(path))
    .flatMap(({ operationId }) => operationId ?? []);
  expect(new Set(ids).size).toBe(ids.length);
});

test("every path of the OpenAPI document is served", async () => {
  const { app, call } = await testApi();
  const { paths } = (await call("GET", "/openapi.json")).json as { paths: Record<string, object> };
  for (const [path, operations] of Object.entries(paths)) {
    const url = path.replaceAll(/\{(\w+)\}/g, ":$1");
    for (const method of ["get", "put", "post", "delete"] as const) {
      if (!(method in operations)) continue;
      expect(app.hasRoute({ url, method: method.toUpperCase() as "GET" }), `${method} ${url}`).toBe(true);
    }
  }
});

test("tokens need an administrator and name every bad field", async () => {
  const { call, tokens } = await testApi();
  const good = {
    dataplane: { name: "web-1", mesh: "default", tags: { "kuma.io/service": ["web"] }, type: "dataplane", validFor: "24h" },
    zone: { zone: "east", scope: ["ingress", "cp"], validFor: "" },
    user: { name: "jane", groups: ["team"], validFor: "30m" },
  };
  for (const [kind, body] of Object.entries(good)) {
    const answer = await call("POST", `/tokens/${kind}`, body);
    expect([answer.status, answer.headers["content-type"], answer.text]).toEqual([200, "text/plain", "header.claims.signature"]);
    expect((await call("POST", `/tokens/${kind}`, body, elsewhere)).status).toBe(403);
  }
  expect(tokens.issued).toMatchObject([
    { mesh: "default", tags: { "kuma.io/service": ["web"] }, workload: "", validForMs: 86_400_000 },
    { zone: "east", scope: ["ingress", "cp"], validForMs: 315_360_000_000 },
    { name: "jane", groups: ["team"], validForMs: 1_800_000 },
  ]);
  const fields = async (kind: string, body: unknown) => {
    const answer = await call("POST", `/tokens/${kind}`, body);
    expect(answer.json.title).toBe("Invalid request");
    return answer.json.invalid_parameters.map(({ field }: { field: string }) => field);
  };
  expect(await fields("dataplane", { type: "robot", tags: { a: "b" }, validFor: "soon" })).toEqual([
    "mesh",
    'tags["a"]',
    "type",
    "validFor",
  ]);
  expect(await fields("zone", { zone: "east" })).toEqual(["scope"]);
  expect(await fields("zone", { zone: "east", scope: ["moon"] })).toEqual(["scope"]);
  expect(await fields("user", { validFor: "0s" })).toEqual(["name", "validFor"]);
});

test("diagnostics say whether the process is ready, and why not", async () => {
  let reasons: string[] = ["the store is not reachable"];
  const app = buildDiagnostics({
    registry: new Registry(),
    ready: () => ({ ok: reasons.length === 0, reasons }),
    healthy: () => true,
  });
  const ready = await app.inject("/ready");
  expect([ready.statusCode, ready.body]).toEqual([503, "the store is not reachable\n"]);
  reasons = [];
  expect((await app.inject("/ready")).statusCode).toBe(200);
  expect((await app.inject("/healthy")).statusCode).toBe(200);
  expect((await app.inject("/metrics")).headers["content-type"]).toContain("text/plain");
});

test("requests are counted by route, without names", async () => {
  const metrics = new Registry();
  const { call } = await testApi({ metrics });
  await call("GET", "/meshes/default");
  expect(await metrics.metrics()).toContain(
    'meridian_api_request_duration_seconds_count{method="GET",route="/meshes/:name",status="200"} 1',
  );
});
