import { expect, test } from "vitest";
import { elsewhere, type TestApi, testApi, trafficRoute } from "./testing/test-api.ts";

const routes = "/meshes/default/traffic-routes";
const secret = (data: string) => ({ type: "Secret", mesh: "default", name: "s", data });

/** 1: a and b; 2: a shifts; 3: b goes; counted from `start`. */
async function writeThree({ call, store }: TestApi): Promise<number> {
  const start = await store.revision();
  await call("POST", "/apply", { documents: [trafficRoute("a"), trafficRoute("b")], message: "both" });
  await call("PUT", `${routes}/a`, { ...trafficRoute("a", 50), labels: { team: "blue" } });
  await call("DELETE", `${routes}/b`);
  return start;
}

test("the history of one resource names the fields that changed, and pages", async () => {
  const api = await testApi();
  const { call } = api;
  const start = await writeThree(api);
  const { items, before } = (await call("GET", "/history?kind=TrafficRoute&mesh=default&name=a")).json;
  expect(before).toBeNull();
  expect(items).toMatchObject([
    {
      revision: start + 2,
      changeCount: 1,
      changes: [
        {
          op: "put",
          outcome: "updated",
          fieldCount: 3,
          fields: [
            { path: "labels.team", after: '"blue"' },
            { path: "conf.split[0].weight", before: "90", after: "50" },
            { path: "conf.split[1].weight", before: "10", after: "50" },
          ],
        },
      ],
    },
    { revision: start + 1, message: "both", changes: [{ outcome: "created", name: "a" }] },
  ]);
  const b = (await call("GET", "/history?kind=traffic-routes&mesh=default&name=b&size=1")).json;
  expect(b).toMatchObject({ before: start + 3, items: [{ revision: start + 3, changes: [{ outcome: "deleted" }] }] });
  const older = (await call("GET", `/history?kind=traffic-routes&mesh=default&name=b&size=1&before=${b.before}`)).json;
  expect(older).toMatchObject({ before: null, items: [{ revision: start + 1, changeCount: 1 }] });
  expect((await call("GET", `/history?kind=Mesh&mesh=ignored&name=default`)).json.items).toHaveLength(1);
  expect((await call("GET", "/history?kind=nonsense")).json.invalid_parameters).toMatchObject([{ field: "kind" }]);
});

test("a revision that was compacted is gone, one that was never written is not found", async () => {
  const api = await testApi();
  const start = await writeThree(api);
  await api.store.compact(start + 1);
  const gone = await api.call("GET", `/history/${start + 1}`);
  expect(gone.json).toMatchObject({ status: 410, detail: expect.stringContaining(`begins with revision ${start + 2}`) });
  expect((await api.call("GET", "/history/0")).status).toBe(404);
  expect((await api.call("GET", `/history/${start + 9}`)).json.detail).toContain(`the newest is ${start + 3}`);
});

test("a resource is read as of a revision", async () => {
  const api = await testApi();
  const { call } = api;
  const start = await writeThree(api);
  const then = await call("GET", `${routes}/a?revision=${start + 1}`);
  expect(then.json).toMatchObject({ name: "a", conf: { split: [{ weight: 90 }, {}] } });
  expect(then.headers["etag"]).toBe(`"${start + 1}"`);
  expect((await call("GET", `${routes}/b?revision=${start + 2}&format=kubernetes`)).json).toMatchObject({ kind: "TrafficRoute" });
  const absent = await call("GET", `${routes}/b?revision=${start + 3}`);
  expect(absent.json).toMatchObject({
    status: 404,
    detail: `TrafficRoute "b" did not exist in mesh "default" at revision ${start + 3}`,
  });
  expect((await call("GET", `${routes}/a?revision=${start + 4}`)).status).toBe(404);
  expect((await call("GET", `${routes}/a?revision=x`)).status).toBe(400);
  expect((await call("GET", `/zone-insights/east?revision=1`)).status).toBe(400);
  await api.store.compact(start + 2);
  const gone = await call("GET", `${routes}/a?revision=${start + 1}`);
  expect(gone.json).toMatchObject({ status: 410, detail: expect.stringContaining(`revisions ${start + 2}..${start + 3}`) });
});

test("a diff shows the YAML of each resource before and after", async () => {
  const api = await testApi();
  const { call } = api;
  const start = await writeThree(api);
  const diff = (await call("GET", `/diff?from=${start + 1}&to=${start + 3}`)).json;
  expect(diff).toMatchObject({ from: start + 1, to: start + 3, total: 2, nextOffset: null });
  expect(diff.items[0]).toMatchObject({ outcome: "updated", type: "TrafficRoute", mesh: "default", name: "a" });
  expect(diff.items[0].diff).toBe(`--- TrafficRoute default/a (revision ${start + 1})
+++ TrafficRoute default/a (revision ${start + 3})
@@ -3,6 +3,7 @@
 name: a
 labels:
   kuma.io/mesh: default
+  team: blue
 sources:
   - match:
       kuma.io/service: "*"
@@ -11,11 +12,11 @@
       kuma.io/service: backend
 conf:
   split:
-    - weight: 90
+    - weight: 50
       destination:
         kuma.io/service: backend
         version: v1
-    - weight: 10
+    - weight: 50
       destination:
         kuma.io/service: backend
         version: v2
`);
  expect(diff.items[1].diff).toContain(`+++ TrafficRoute default/b (revision ${start + 3}, absent)\n@@ -1,`);
  const back = (await call("GET", `/diff?from=${start + 3}&to=${start + 1}&name=b`)).json.items;
  expect(back).toMatchObject([{ outcome: "created", diff: expect.stringContaining("\n+type: TrafficRoute\n") }]);
  const paged = (await call("GET", `/diff?from=${start + 1}&size=1`)).json;
  expect(paged).toMatchObject({ total: 2, nextOffset: 1, to: start + 3, items: [{ name: "a" }] });
  expect((await call("GET", `/diff?from=${start + 1}&size=1&offset=1`)).json).toMatchObject({
    nextOffset: null,
    items: [{ name: "b" }],
  });
  expect((await call("GET", `/diff?from=${start}&to=${start}`)).json.items).toEqual([]);
  expect((await call("GET", "/diff")).json.invalid_parameters).toMatchObject([{ field: "from" }]);
  expect((await call("GET", `/diff?from=1&to=999`)).status).toBe(404);
  await api.store.compact(start + 2);
  expect((await call("GET", `/diff?from=${start + 1}`)).status).toBe(410);
});

test("the order in which fields were written is no difference", async () => {
  const { call, store } = await testApi();
  await call("PUT", `${routes}/a`, trafficRoute("a"));
  const { conf, sources, destinations, ...envelope } = trafficRoute("a", 80);
  const split = conf.split.map(({ weight, destination }) => ({ destination, weight }));
  await call("PUT", `${routes}/a`, { ...envelope, conf: { split }, destinations, sources });
  const newest = await store.revision();
  const [item] = (await call("GET", `/diff?from=${newest - 1}`)).json.items;
  expect(item.diff.split("\n").filter((line: string) => /^[-+] /.test(line))).toEqual([
    "-    - weight: 90",
    "+    - weight: 80",
    "-    - weight: 10",
    "+    - weight: 20",
  ]);
});

test("secrets: that they changed is shown, their content never", async () => {
  const { call, store } = await testApi();
  const start = await store.revision();
  await call("PUT", "/meshes/default/secrets/s", secret("b25l"));
  await call("PUT", "/meshes/default/secrets/s", secret("dHdv"));
  const [created] = (await call("GET", `/diff?from=${start}&to=${start + 1}`)).json.items;
  expect(created.diff).toContain("+data: <hidden>\n");
  const [changed] = (await call("GET", `/diff?from=${start + 1}&to=${start + 2}`)).json.items;
  expect(changed.diff).toContain("-data: <hidden>\n+data: <hidden, changed>\n");
  const ofSecret = await call("GET", "/history?kind=Secret&mesh=default&name=s");
  expect(ofSecret.json.items[0].changes[0].fields).toEqual([{ path: "data" }]);
  for (const text of [JSON.stringify([created, changed]), ofSecret.text]) expect(text).not.toMatch(/b25l|dHdv/);
  const old = `/meshes/default/secrets/s?revision=${start + 1}`;
  expect((await call("GET", old)).json).toMatchObject({ data: "b25l" });
  expect((await call("GET", old, undefined, elsewhere)).status).toBe(403);
});
