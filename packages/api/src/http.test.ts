import { once } from "node:events";
import { Agent, get } from "node:https";
import type { AddressInfo } from "node:net";
import { generateServerCertificate } from "@meridian/pki";
import { createMemoryStore, UnavailableError } from "@meridian/store";
import { expect, test } from "vitest";
import { buildApi } from "./build.ts";
import { clock, elsewhere, testApi } from "./testing/test-api.ts";

test("unknown paths, wrong verbs and other media types are answered as text", async () => {
  const { call } = await testApi();
  const missing = await call("GET", "/versions");
  expect([missing.status, missing.headers["content-type"], missing.text]).toEqual([404, "text/plain", "404: Page Not Found"]);
  const verb = await call("POST", "/meshes/default/traffic-routes/a", {});
  expect([verb.status, verb.text, verb.headers["allow"]]).toEqual([405, "405: Method Not Allowed", "DELETE, GET, HEAD, PUT"]);
  const media = await call("PUT", "/meshes/m", "name: m", { "content-type": "text/plain" });
  expect([media.status, media.headers["content-type"], media.text]).toEqual([415, "text/plain", "415: Unsupported Media Type"]);
  expect((await call("PUT", "/meshes/%zz", {})).status).toBe(400);
});

test("a body that is no JSON is refused with its line, and never repeated", async () => {
  const { call } = await testApi();
  const answer = await call("PUT", "/meshes/default/secrets/s", '{"type": "Secret",\n "data": "c2VjcmV0" oops}');
  expect(answer.json).toMatchObject({ status: 400, title: "Bad Request" });
  expect(answer.json.detail).toContain("line 2");
  expect(answer.text).not.toContain("c2VjcmV0");
  expect((await call("PUT", "/meshes/m", "")).status).toBe(400);
});

test("when the store is away everything that needs it answers 503, the rest goes on", async () => {
  const store = createMemoryStore({ clock });
  const { call } = await testApi({ store });
  await store.close();
  for (const [method, url, body] of [
    ["GET", "/meshes", undefined],
    ["PUT", "/meshes/m", { type: "Mesh", name: "m" }],
    ["POST", "/apply", { documents: [{ type: "Mesh", name: "m" }] }],
    ["GET", "/history", undefined],
  ] as const) {
    const answer = await call(method, url, body);
    expect(answer.json).toMatchObject({ status: 503, title: "Service unavailable" });
    expect(answer.headers["retry-after"]).toBe("1");
  }
  for (const url of ["/", "/who-am-i", "/_resources", "/openapi.json"]) expect((await call("GET", url)).status).toBe(200);
});

test("a bug answers 500 and says nothing about itself", async () => {
  const store = createMemoryStore({ clock });
  const { app, call } = await testApi({ store });
  store.get = () => Promise.reject(new Error("password=secret"));
  const { statusCode, body } = await app.inject("/meshes/default");
  expect(JSON.parse(body)).toMatchObject({
    status: 500,
    title: "Could not retrieve a resource",
    detail: "Internal Server Error",
  });
  expect([statusCode, body.includes("secret")]).toEqual([500, false]);
  store.get = () => Promise.reject(new UnavailableError("the database does not answer"));
  expect((await call("GET", "/meshes/default")).status).toBe(503);
});

test("every answer says its revision, and waits for one on request", async () => {
  const { call, store } = await testApi();
  const written = await call("PUT", "/meshes/m", { type: "Mesh", name: "m" });
  const revision = await store.revision();
  expect(written.headers["meridian-revision"]).toBe(String(revision));
  expect((await call("GET", "/meshes")).headers["meridian-revision"]).toBe(String(revision));
  expect((await call("GET", "/")).headers["meridian-revision"]).toBe(String(revision));

  const waiting = call("GET", `/meshes?minRevision=${revision + 1}`);
  await call("PUT", "/meshes/n", { type: "Mesh", name: "n" });
  const answer = await waiting;
  expect([answer.headers["meridian-revision"], answer.json.total]).toEqual([String(revision + 1), 3]);
  expect((await call("GET", "/meshes?minRevision=soon")).status).toBe(400);
  const impatient = await testApi({ limits: { minRevisionWaitMs: 1 } });
  expect((await impatient.call("GET", "/meshes?minRevision=1000")).json).toMatchObject({ status: 503 });
});

test("this machine's user is the administrator, unless somebody asks through it", async () => {
  const { call } = await testApi();
  const who = async (headers: Record<string, string> = {}) => (await call("GET", "/who-am-i", undefined, headers)).json;
  const admin = { name: "mesh-system:admin", groups: ["mesh-system:admin", "mesh-system:authenticated"] };
  const anonymous = { name: "mesh-system:anonymous", groups: ["mesh-system:unauthenticated"] };
  expect(await who()).toEqual(admin);
  expect(await who({ host: "127.0.0.1:5681", origin: "http://127.0.0.1:5681", "sec-fetch-site": "same-origin" })).toEqual(admin);
  expect(await who({ host: "[::1]:5681" })).toEqual(admin);
  for (const headers of [
    { "x-forwarded-for": "192.0.2.1" },
    { forwarded: "for=192.0.2.1" },
    { "x-real-ip": "192.0.2.1" },
    { host: "rebound.example.com" },
    { origin: "http://evil.example.com" },
    { "sec-fetch-site": "cross-site" },
  ]) {
    expect(await who(headers as Record<string, string>)).toEqual(anonymous);
  }
  expect(await who({ ...elsewhere, authorization: "Bearer user:jane" })).toEqual({
    name: "jane",
    groups: ["mesh-system:authenticated"],
  });
  expect(await who({ authorization: "Bearer nonsense" })).toEqual(admin);
  expect(await who({ ...elsewhere, authorization: "Bearer nonsense" })).toMatchObject({
    status: 401,
    title: "Invalid authentication data",
    detail: "Unauthenticated",
  });
  const strict = await testApi({ authentication: { localhostIsAdmin: false } });
  expect((await strict.call("GET", "/who-am-i")).json).toEqual(anonymous);
});

test("the TLS port serves the same, lets a request finish when it closes, and closes at once after", async () => {
  const { certPem, keyPem } = await generateServerCertificate({ hosts: ["127.0.0.1"], validForMs: 3_600_000, now: new Date() });
  const { deps } = await testApi({ limits: { minRevisionWaitMs: 100 } });
  const app = await buildApi(deps, { https: { cert: certPem, key: keyPem, minVersion: "TLSv1.2" } });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, ca: certPem });
  const read = (path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      get({ host: "127.0.0.1", port, path, agent }, (answer) => answer.resume().on("end", () => resolve(answer.statusCode))).on(
        "error",
        reject,
      );
    });
  expect(await read("/meshes")).toBe(200);
  const waiting = read("/meshes?minRevision=1000");
  const started = once(app.server, "request");
  await started;
  await app.close();
  expect(await waiting).toBe(503);
  agent.destroy();
});
