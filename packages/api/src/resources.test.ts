import { expect, test } from "vitest";
import { elsewhere, testApi, trafficRoute } from "./testing/test-api.ts";

const routePath = "/meshes/default/traffic-routes/canary";

test("a resource is created, read, replaced and deleted as the peer does it", async () => {
  const { call } = await testApi();
  const created = await call("PUT", routePath, trafficRoute("canary"));
  expect([created.status, created.text, created.headers["content-type"]]).toEqual([201, "{}", "application/json"]);

  const read = await call("GET", routePath);
  expect(read.status).toBe(200);
  expect(Object.keys(read.json).slice(0, 5)).toEqual(["type", "mesh", "name", "creationTime", "modificationTime"]);
  expect(read.json).toMatchObject({
    type: "TrafficRoute",
    mesh: "default",
    name: "canary",
    conf: { split: [{ weight: 90 }, { weight: 10 }] },
  });
  expect(read.text.split("\n")[1]).toBe(' "type": "TrafficRoute",');

  expect((await call("PUT", routePath, trafficRoute("canary", 50))).status).toBe(200);
  expect((await call("GET", routePath)).json.conf.split[0].weight).toBe(50);
  const deleted = await call("DELETE", routePath);
  expect([deleted.status, deleted.text]).toEqual([200, "{}"]);
  expect((await call("GET", routePath)).json).toEqual({
    type: "/std-errors",
    status: 404,
    title: "Could not retrieve a resource",
    detail: "Not found",
    details: "Not found",
  });
  expect((await call("DELETE", routePath)).json).toMatchObject({ status: 404, title: "Could not delete a resource" });
});

test("what a GET answers can be PUT back", async () => {
  const { call } = await testApi();
  await call("PUT", routePath, trafficRoute("canary"));
  const read = await call("GET", routePath);
  const again = await call("PUT", routePath, read.json);
  expect([again.status, again.text]).toEqual([200, "{}"]);
  expect((await call("GET", routePath)).json).toEqual(read.json);
});

test("the Kubernetes form is accepted and, on request, answered", async () => {
  const { call } = await testApi();
  const { type, mesh, name, ...spec } = trafficRoute("canary");
  const document = { apiVersion: "kuma.io/v1alpha1", kind: type, mesh, metadata: { name }, spec };
  expect((await call("PUT", routePath, document)).status).toBe(201);
  for (const format of ["k8s", "kubernetes"]) {
    const answer = (await call("GET", `${routePath}?format=${format}`)).json;
    expect(answer).toMatchObject({
      kind: "TrafficRoute",
      apiVersion: "kuma.io/v1alpha1",
      mesh: "default",
      metadata: { name, namespace: "kuma-system" },
    });
  }
  expect((await call("GET", `${routePath}?format=xml`)).status).toBe(400);
});

test("every bad field is named, in the peer's error body", async () => {
  const { call } = await testApi();
  const bad = { ...trafficRoute("other", 90, "elsewhere"), type: "TrafficPermission", sources: [], conf: {} };
  const answer = await call("PUT", routePath, bad);
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({
    type: "/std-errors",
    title: "Could not process a resource",
    detail: "Resource is not valid",
  });
  const fields = answer.json.invalid_parameters.map((parameter: { field: string }) => parameter.field);
  expect(fields).toEqual(expect.arrayContaining(["type", "mesh", "name", "sources", "conf"]));
  expect(answer.json.causes).toEqual(
    answer.json.invalid_parameters.map(({ field, reason }: { field: string; reason: string }) => ({ field, message: reason })),
  );
  expect((await call("GET", routePath)).status).toBe(404);
});

test("fields that no schema knows are warnings, not errors", async () => {
  const { call } = await testApi();
  const answer = await call("PUT", routePath, { ...trafficRoute("canary"), colour: "blue" });
  expect(answer.status).toBe(201);
  expect(answer.json.warnings).toEqual([expect.stringContaining("colour")]);
});

test("a missing mesh is a 404 of the mesh", async () => {
  const { call } = await testApi();
  for (const [method, url] of [
    ["GET", "/meshes/none/traffic-routes"],
    ["PUT", "/meshes/none/traffic-routes/r"],
  ] as const) {
    const answer = await call(method, url, method === "PUT" ? trafficRoute("r", 90, "none") : undefined);
    expect(answer.json).toMatchObject({ status: 404, title: "Failed to retrieve Mesh", detail: "Not found" });
  }
});

test("kinds that belong elsewhere are read-only", async () => {
  const { call } = await testApi();
  for (const url of ["/meshes/default/dataplanes/web", "/zoneingresses/in", "/meshes/default/dataplane-insights/web"]) {
    expect((await call("PUT", url, {})).json).toMatchObject({ status: 405, title: "Method not allowed" });
    expect((await call("DELETE", url)).json).toMatchObject({ status: 405, title: "Method not allowed" });
  }
  const zone = await testApi({ mode: "zone" });
  expect((await zone.call("PUT", "/meshes/m", { type: "Mesh", name: "m" })).status).toBe(405);
});

test("a stale version is a conflict, and nothing is written", async () => {
  const { call } = await testApi();
  await call("PUT", routePath, trafficRoute("canary", 90));
  const { headers } = await call("GET", routePath);
  await call("PUT", routePath, trafficRoute("canary", 80));
  const stale = await call("PUT", routePath, trafficRoute("canary", 70), { "if-match": String(headers["etag"]) });
  expect(stale.json).toMatchObject({ status: 409, title: "Conflict" });
  expect((await call("GET", routePath)).json.conf.split[0].weight).toBe(80);

  const fresh = (await call("GET", routePath)).headers["etag"];
  const version = String(fresh).replaceAll('"', "");
  expect((await call("PUT", `${routePath}?version=${version}`, trafficRoute("canary", 60))).status).toBe(200);
  expect((await call("DELETE", `${routePath}?version=${version}`)).status).toBe(409);
  expect((await call("PUT", routePath, trafficRoute("canary"), { "if-none-match": "*" })).status).toBe(409);
  expect((await call("PUT", `${routePath}?version=latest`, trafficRoute("canary"))).status).toBe(400);
});

test("secrets are for administrators only", async () => {
  const { call } = await testApi();
  const secret = { type: "Secret", mesh: "default", name: "s", data: "c2VjcmV0" };
  for (const [method, url, body] of [
    ["PUT", "/meshes/default/secrets/s", secret],
    ["GET", "/meshes/default/secrets/s", undefined],
    ["GET", "/meshes/default/secrets", undefined],
    ["GET", "/secrets", undefined],
    ["DELETE", "/meshes/default/secrets/s", undefined],
  ] as const) {
    const refused = await call(method, url, body, { ...elsewhere, authorization: "Bearer user:jane" });
    expect(refused.json).toMatchObject({
      status: 403,
      title: "Access Denied",
      detail: 'user "jane/mesh-system:authenticated" cannot access the resource of type "Secret"',
    });
    expect((await call(method, url, body, elsewhere)).status).toBe(403);
  }
  expect(
    (await call("PUT", "/meshes/default/secrets/s", secret, { ...elsewhere, authorization: "Bearer user:root" })).status,
  ).toBe(201);
  expect((await call("GET", "/meshes/default/secrets/s")).json.data).toBe("c2VjcmV0");
  expect((await call("GET", "/global-secrets")).json.total).toBe((await call("GET", "/globalsecrets")).json.total);
});

test("a KRI finds its resource", async () => {
  const { call } = await testApi();
  expect((await call("GET", "/_kri/kri_m____default_")).json).toMatchObject({ type: "Mesh", name: "default" });
  expect((await call("GET", "/_kri/kri_m____none_")).status).toBe(404);
  expect((await call("GET", "/_kri/nonsense")).json).toMatchObject({ status: 400, title: "Bad Request" });
});
