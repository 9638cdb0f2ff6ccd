import type { Change } from "@meridian/store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { dataplane, elsewhere, kinds, type TestApi, testApi, trafficRoute } from "./testing/test-api.ts";

const routes = "/meshes/default/traffic-routes";
const weight = async ({ call }: TestApi, name: string) => (await call("GET", `${routes}/${name}`)).json.conf?.split[0].weight;

/** What a zone sends up, or a control plane writes by itself. */
async function writeAs(api: TestApi, author: string, ...changes: readonly Change[]): Promise<void> {
  await api.store.commit(changes, { author });
}

const put = (
  kind: string,
  name: string,
  over: { readonly mesh?: string; readonly labels?: object; readonly spec?: unknown } = {},
): Change => ({
  op: "put",
  resource: { kind, mesh: "", name, spec: {}, ...over, labels: { ...over.labels } as Record<string, string> },
});

/** 1: a, b; 2: a shifts, c comes; 3: b goes; counted from `start`. */
async function writeThree({ call, store }: TestApi): Promise<number> {
  const start = await store.revision();
  await call("POST", "/apply", { documents: [trafficRoute("a"), trafficRoute("b")] });
  await call("POST", "/apply", { documents: [trafficRoute("a", 50), trafficRoute("c")] });
  await call("DELETE", `${routes}/b`);
  return start;
}

test("a rollback is one new revision that restores, reverts and removes, and says what it restored", async () => {
  const api = await testApi();
  const { call, store } = api;
  const start = await writeThree(api);
  const answer = await call("POST", "/rollback", { revision: start + 1, message: "the canary failed" });
  expect(answer).toMatchObject({ status: 200, headers: { "meridian-revision": String(start + 4) } });
  expect(answer.json).toEqual({
    revision: start + 4,
    restored: start + 1,
    undoneTo: start + 3,
    results: [
      { type: "TrafficRoute", mesh: "default", name: "a", outcome: "updated" },
      { type: "TrafficRoute", mesh: "default", name: "b", outcome: "created" },
      { type: "TrafficRoute", mesh: "default", name: "c", outcome: "deleted" },
    ],
    leftAlone: [],
  });
  expect(await store.compare(start + 1, start + 4)).toEqual([]);
  const message = `rollback to revision ${start + 1}: the canary failed`;
  expect(await store.revisionInfo(start + 4)).toMatchObject({ message, author: "mesh-system:admin", address: "127.0.0.1" });
  const again = (await call("POST", "/rollback", { revision: start + 1 })).json;
  expect(again).toMatchObject({ revision: start + 4, results: [] });
  expect(await store.revision()).toBe(start + 4);
});

test("a rollback of a rollback leads forward again", async () => {
  const api = await testApi();
  const start = await writeThree(api);
  await api.call("POST", "/rollback", { revision: start + 1 });
  await api.call("POST", "/rollback", { revision: start + 3 });
  expect(await api.store.compare(start + 3, start + 5)).toEqual([]);
});

test("a dry run shows outcomes and diffs, and writes nothing", async () => {
  const api = await testApi();
  const start = await writeThree(api);
  const { json } = await api.call("POST", "/rollback", { revision: start + 1, dryRun: true });
  expect(json).toMatchObject({
    dryRun: true,
    revision: start + 3,
    results: [{ outcome: "updated" }, { outcome: "created" }, { outcome: "deleted" }],
  });
  expect(json.diffs[0].diff).toContain(`--- TrafficRoute default/a (now)\n+++ TrafficRoute default/a (revision ${start + 1})\n`);
  expect(json.diffs[0].diff).toContain("-    - weight: 50\n+    - weight: 90\n");
  expect(await api.store.revision()).toBe(start + 3);
});

test("only what was named goes back; what exists neither now nor then is a mistake", async () => {
  const api = await testApi();
  const { call } = api;
  const start = await writeThree(api);
  const only = [{ type: "traffic-routes", name: "a" }];
  expect((await call("POST", "/rollback", { revision: start + 1, only })).json.results).toMatchObject([{ name: "a" }]);
  expect(await weight(api, "a")).toBe(90);
  expect((await call("GET", `${routes}/b`)).status).toBe(404);
  const wrong = [
    { type: "TrafficRoute", name: "a" },
    { type: "TrafficRoute", name: "A" },
    { type: "Mesh", name: "gone" },
  ];
  const refused = (await call("POST", "/rollback", { revision: start + 1, only: wrong })).json;
  expect(refused.invalid_parameters.map(({ field }: { field: string }) => field)).toEqual(["only[1]", "only[2]"]);
});

test("a bad request names every mistake", async () => {
  const { call, store } = await testApi();
  const bad = { revision: "x", only: [{ type: "Nonsense", mesh: 1 }], dryRun: 3, message: {} };
  const fields = (await call("POST", "/rollback", bad)).json.invalid_parameters.map(({ field }: { field: string }) => field);
  expect(fields).toEqual(["dryRun", "message", "revision", "only[0].type", "only[0].name", "only[0].mesh"]);
  expect((await call("POST", "/rollback", { revision: 1, only: [] })).status).toBe(400);
  expect((await call("POST", "/rollback", [])).status).toBe(400);
  expect((await call("POST", "/rollback", { revision: 99 })).status).toBe(404);
  await call("PUT", `${routes}/a`, trafficRoute("a"));
  await store.compact(await store.revision());
  expect((await call("POST", "/rollback", { revision: 1 })).json).toMatchObject({
    status: 410,
    detail: expect.stringContaining("compacted"),
  });
});

test("what is not valid now refuses all of it, every violation named", async () => {
  const api = await testApi();
  const { call, store } = api;
  const start = await store.revision();
  // As an older version, with other rules, may have written them.
  const bad = (name: string) => put("TrafficRoute", name, { mesh: "default", spec: { conf: { split: [{ weight: -1 }] } } });
  await writeAs(api, "older", bad("x"), bad("y"), put("Mesh", "other"));
  await call("POST", "/apply", { documents: [trafficRoute("x"), trafficRoute("y")] });
  await writeAs(api, "x", { op: "delete", key: { kind: "Mesh", mesh: "", name: "other" } });
  const newest = await store.revision();
  const refused = await call("POST", "/rollback", { revision: start + 1 });
  expect(refused).toMatchObject({
    status: 400,
    json: { title: "Could not roll back", detail: expect.stringContaining("nothing was written") },
  });
  const fields: string[] = refused.json.invalid_parameters.map(({ field }: { field: string }) => field);
  for (const name of ["x", "y"]) expect(fields.some((field) => field.startsWith(`TrafficRoute default/${name} `))).toBe(true);
  expect(await store.revision()).toBe(newest);
});

test("a mesh in use cannot be rolled away; without proxies it goes with all that is in it", async () => {
  const api = await testApi();
  const { call, store } = api;
  const start = await store.revision();
  const mesh = { type: "Mesh", name: "m", skipCreatingInitialPolicies: ["*"] };
  await call("POST", "/apply", { documents: [mesh, trafficRoute("r", 90, "m")] });
  const labels = { "kuma.io/origin": "zone", "kuma.io/zone": "east" };
  const { type: _type, mesh: _mesh, name: _name, ...spec } = dataplane("dp");
  await writeAs(api, "zone:east", put("Dataplane", "dp", { mesh: "m", labels, spec }));
  const refused = (await call("POST", "/rollback", { revision: start })).json;
  expect(refused.invalid_parameters).toMatchObject([{ field: "Mesh m mesh", reason: expect.stringContaining("dataplanes") }]);
  await writeAs(api, "zone:east", { op: "delete", key: { kind: "Dataplane", mesh: "m", name: "dp" } });
  expect((await call("POST", "/rollback", { revision: start })).json.results).toMatchObject([
    { type: "Mesh" },
    { type: "TrafficRoute" },
  ]);
  expect(await store.list("Secret", { mesh: "m" })).toEqual([]);
});

test("a mesh that comes back has the policies that it had, not those of a new one", async () => {
  const { call, store } = await testApi();
  await call("PUT", "/meshes/m", { type: "Mesh", name: "m" });
  await call("DELETE", "/meshes/m/meshretries/mesh-retry-all-m");
  const revision = await store.revision();
  await call("DELETE", "/meshes/m");
  expect((await call("POST", "/rollback", { revision })).status).toBe(200);
  const policies = [...(await store.list("MeshTimeout", { mesh: "m" })), ...(await store.list("MeshRetry", { mesh: "m" }))];
  expect(policies.map(({ name }) => name)).toEqual(["mesh-gateways-timeout-all-m", "mesh-timeout-all-m"]);
});

test("a mesh that comes back gets its own keys back", async () => {
  const api = await testApi();
  const { call, store } = api;
  const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
  await call("PUT", "/meshes/m", { type: "Mesh", name: "m", mtls });
  const then = await store.list("Secret", { mesh: "m" });
  expect(then.length).toBeGreaterThan(2);
  const revision = await store.revision();
  await call("DELETE", "/meshes/m");
  expect((await call("POST", "/rollback", { revision })).status).toBe(200);
  const back = await store.list("Secret", { mesh: "m" });
  expect(back.map(({ name, spec }) => [name, spec])).toEqual(then.map(({ name, spec }) => [name, spec]));
});

test("what zones own, and keys that control planes made, stay as they are", async () => {
  const api = await testApi();
  const { call, store } = api;
  const start = await store.revision();
  const labels = { "kuma.io/origin": "zone", "kuma.io/zone": "east" };
  const { type: _type, mesh: _mesh, name: _name, ...spec } = dataplane("dp");
  await writeAs(
    api,
    "zone:east",
    put("Zone", "east", { spec: { enabled: true } }),
    put("Dataplane", "dp", { mesh: "default", labels, spec }),
  );
  const key = { kind: "GlobalSecret", mesh: "", name: "user-token-signing-key-1" };
  await writeAs(api, "admin", { op: "delete", key });
  await call("PUT", `${routes}/a`, trafficRoute("a"));
  const { json } = await call("POST", "/rollback", { revision: start });
  expect(json.results).toMatchObject([{ type: "TrafficRoute", name: "a", outcome: "deleted" }]);
  expect(json.leftAlone).toEqual([
    { type: "Dataplane", reason: "belongs to a zone", count: 1 },
    { type: "GlobalSecret", reason: "is a key or token that control planes made", count: 1 },
    { type: "Zone", reason: "has joined since", count: 1 },
  ]);
  expect(await store.get(key)).toBeUndefined();
  const only = [{ type: "GlobalSecret", name: key.name }];
  const refused = (await call("POST", "/rollback", { revision: start, only })).json;
  expect(refused.invalid_parameters).toMatchObject([
    { field: "only[0]", reason: expect.stringContaining("cannot be rolled back") },
  ]);
});

test("secrets go back for administrators only, and are never shown", async () => {
  const { call, store } = await testApi();
  const secret = (data: string) => ({ type: "Secret", mesh: "default", name: "s", data });
  await call("PUT", "/meshes/default/secrets/s", secret("b25l"));
  const revision = await store.revision();
  await call("PUT", "/meshes/default/secrets/s", secret("dHdv"));
  expect((await call("POST", "/rollback", { revision }, elsewhere)).status).toBe(403);
  const shown = await call("POST", "/rollback", { revision, dryRun: true });
  expect(shown.text).not.toMatch(/b25l|dHdv/);
  expect((await call("POST", "/rollback", { revision })).text).not.toMatch(/b25l|dHdv/);
  expect(await store.get({ kind: "Secret", mesh: "default", name: "s" })).toMatchObject({ spec: { data: "b25l" } });
});

test("a status stays what it is now", async () => {
  const api = await testApi();
  const route = { kind: "TrafficRoute", mesh: "default", name: "a" };
  await api.call("PUT", `${routes}/a`, trafficRoute("a"));
  const revision = await api.store.revision();
  await api.call("PUT", `${routes}/a`, trafficRoute("a", 50));
  const stored = await api.store.get(route);
  if (!stored) throw new Error("not stored");
  await writeAs(api, "control-plane", { op: "put", resource: { ...stored, status: { vips: ["240.0.0.1"] } } });
  await api.call("POST", "/rollback", { revision });
  expect(await api.store.get(route)).toMatchObject({
    status: { vips: ["240.0.0.1"] },
    spec: { conf: { split: [{ weight: 90 }, {}] } },
  });
});

test("who writes the same resource meanwhile is not overwritten unseen", async () => {
  const api = await testApi();
  const start = await writeThree(api);
  const { admission } = api.deps;
  let isFirst = true;
  const interrupted = await testApi({
    store: api.store,
    admission: {
      ...admission,
      async admit(...args) {
        if (isFirst) await api.call("PUT", `${routes}/a`, trafficRoute("a", 30));
        isFirst = false;
        return admission.admit(...args);
      },
    },
  });
  const { json } = await interrupted.call("POST", "/rollback", { revision: start + 1 });
  expect(json).toMatchObject({ undoneTo: start + 4, revision: start + 5 });
  expect(await weight(api, "a")).toBe(90);
});

test("a control plane that is read-only says so; one of a zone leaves what comes from its global", async () => {
  const readOnly = await testApi({ readOnly: true });
  expect((await readOnly.call("POST", "/rollback", { revision: 1 })).status).toBe(405);
  const zone = await testApi({ mode: "zone" });
  await writeAs(zone, "kds", put("Mesh", "default"));
  const revision = await zone.store.revision();
  await writeAs(zone, "kds", put("TrafficRoute", "a", { mesh: "default", labels: { "kuma.io/origin": "global" } }));
  const { json } = await zone.call("POST", "/rollback", { revision });
  expect(json).toMatchObject({ results: [], leftAlone: [{ type: "TrafficRoute", count: 1 }] });
  expect(kinds.get("TrafficRoute")).toBeDefined();
});

test("no request, however strange, is answered with a failure of the control plane or writes by half", async () => {
  const api = await testApi();
  await writeThree(api);
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom("TrafficRoute", "Mesh", "Secret", "default", "a", "\u0000", "9".repeat(15), "newest"),
  );
  const key = fc.record({ type: text, mesh: text, name: text }, { requiredKeys: [] });
  const only = fc.oneof(fc.array(fc.oneof(key, fc.jsonValue()), { maxLength: 3 }), fc.jsonValue());
  const body = fc.oneof(
    fc.jsonValue(),
    fc.record(
      { revision: fc.oneof(fc.integer({ min: -1, max: 9 }), fc.jsonValue()), only, dryRun: fc.boolean(), message: text },
      { requiredKeys: ["revision"] },
    ),
  );
  const query = fc.dictionary(fc.constantFrom("kind", "mesh", "name", "before", "size", "from", "to", "offset", "after"), text);
  const path = fc.constantFrom("/history", "/diff", "/changes", `${routes}/a`);
  await fc.assert(
    fc.asyncProperty(body, path, query, async (sent, url, parameters) => {
      expect((await api.call("POST", "/rollback", JSON.stringify(sent))).status).toBeLessThan(500);
      expect((await api.call("GET", `${url}?${new URLSearchParams({ ...parameters, revision: "3" })}`)).status).toBeLessThan(500);
    }),
    { numRuns: 150 },
  );
});
