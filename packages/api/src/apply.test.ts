import { expect, test } from "vitest";
import { dataplane, elsewhere, testApi, trafficRoute } from "./testing/test-api.ts";

const fieldsOf = (answer: { readonly json: { readonly invalid_parameters?: readonly { readonly field: string }[] } }) =>
  (answer.json.invalid_parameters ?? []).map(({ field }) => field);

test("a batch is one revision", async () => {
  const { call, store } = await testApi();
  const before = await store.revision();
  const documents = [{ type: "Mesh", name: "m" }, trafficRoute("a", 90, "m"), { ...trafficRoute("b"), colour: "blue" }];
  const answer = await call("POST", "/apply", { documents, message: "three at once" });
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({
    revision: before + 1,
    results: [
      { kind: "Mesh", mesh: "", name: "m", outcome: "created", warnings: [] },
      { kind: "TrafficRoute", mesh: "m", name: "a", outcome: "created" },
      { kind: "TrafficRoute", mesh: "default", name: "b", outcome: "created", warnings: [expect.stringContaining("colour")] },
    ],
  });
  expect(answer.headers["meridian-revision"]).toBe(String(before + 1));
  expect(await store.revision()).toBe(before + 1);
  expect(await store.revisionInfo(before + 1)).toMatchObject({ message: "three at once", address: "127.0.0.1" });
  const again = await call("POST", "/apply", { documents });
  expect(again.json.results.map((result: { outcome: string }) => result.outcome)).toEqual([
    "unchanged",
    "unchanged",
    "unchanged",
  ]);
  expect(await store.revision()).toBe(before + 1);
});

test("YAML is accepted here, and only here", async () => {
  const { call } = await testApi();
  const yaml = { "content-type": "application/yaml" };
  const answer = await call("POST", "/apply?mesh=default&message=why", "type: Mesh\nname: m\n---\n", yaml);
  expect(answer.json.results).toMatchObject([{ kind: "Mesh", name: "m", outcome: "created" }]);
  const broken = await call("POST", "/apply", "type: Mesh\nname: [\n", yaml);
  expect(broken.json).toMatchObject({ status: 400, detail: "The documents are not valid YAML" });
  expect(fieldsOf(broken)[0]).toMatch(/^body, line \d+, column \d+$/);
  expect((await call("PUT", "/meshes/n", "type: Mesh\nname: n\n", yaml)).status).toBe(415);
  const text = await call("POST", "/apply", { text: "type: Mesh\nname: n\n" });
  expect(text.json.results).toMatchObject([{ name: "n", outcome: "created" }]);
});

test("every mistake of every document is named, and nothing is written", async () => {
  const { call, store } = await testApi();
  const before = await store.revision();
  const documents = [
    trafficRoute("fine"),
    { ...trafficRoute("route"), conf: {} },
    "not an object",
    trafficRoute("lost", 90, "nowhere"),
    { type: "Nonsense", name: "x" },
    trafficRoute("fine"),
    dataplane("web"),
  ];
  const answer = await call("POST", "/apply", { documents });
  expect(answer.json).toMatchObject({ status: 400, title: "Could not apply the documents" });
  expect(fieldsOf(answer)).toEqual(
    expect.arrayContaining(["documents[1].conf", "documents[2]", "documents[3].mesh", "documents[4].type", "documents[5].name"]),
  );
  expect(fieldsOf(answer)).toContain("documents[6].type");
  expect(answer.json.invalid_parameters.find(({ field }: { field: string }) => field === "documents[3].mesh")).toMatchObject({
    document: 3,
  });
  expect(await store.revision()).toBe(before);
});

test("a mistake in a batch of one is named as in a larger one", async () => {
  const { call } = await testApi();
  expect(fieldsOf(await call("POST", "/apply", { documents: [trafficRoute("lost", 90, "nowhere")] }))).toEqual([
    "documents[0].mesh",
  ]);
  expect(fieldsOf(await call("POST", "/apply", { documents: [dataplane("web")] }))).toEqual(["documents[0].type"]);
});

test("a mesh that is broken itself does not make its resources look lost", async () => {
  const { call } = await testApi();
  const documents = [{ type: "Mesh", name: "m", mtls: 7 }, trafficRoute("r", 90, "m")];
  const fields = fieldsOf(await call("POST", "/apply", { documents }));
  expect(fields).toContain("documents[0].mtls");
  expect(fields).not.toContain("documents[1].mesh");
});

test("a dry run says what would happen and writes nothing", async () => {
  const { call, store } = await testApi();
  await call("PUT", "/meshes/default/traffic-routes/old", trafficRoute("old"));
  const before = await store.revision();
  const answer = await call("POST", "/apply", {
    documents: [trafficRoute("old"), trafficRoute("new"), { type: "Mesh", name: "m" }],
    deletes: [{ type: "TrafficRoute", mesh: "default", name: "gone" }],
    dryRun: true,
  });
  expect(answer.json).toMatchObject({ revision: before, dryRun: true });
  expect(answer.json.results.map((result: { outcome: string }) => result.outcome)).toEqual([
    "unchanged",
    "created",
    "created",
    "absent",
  ]);
  expect(await store.revision()).toBe(before);
});

test("deletes go into the same revision", async () => {
  const { call, store } = await testApi();
  await call("PUT", "/meshes/default/traffic-routes/old", trafficRoute("old"));
  const before = await store.revision();
  const deletes = [{ type: "TrafficRoute", mesh: "default", name: "old" }];
  const answer = await call("POST", "/apply", { documents: [trafficRoute("new")], deletes });
  expect(answer.json.results.map((result: { outcome: string }) => result.outcome)).toEqual(["created", "deleted"]);
  expect(await store.revision()).toBe(before + 1);
  expect(fieldsOf(await call("POST", "/apply", { deletes: [{ type: "Nonsense", name: "x" }, 7] }))).toEqual(["deletes[1]"]);
});

test("secrets in a batch need an administrator", async () => {
  const { call, store } = await testApi();
  const documents = [{ type: "Secret", mesh: "default", name: "s", data: "eA==" }];
  expect((await call("POST", "/apply", { documents }, elsewhere)).status).toBe(403);
  expect(await store.get({ kind: "Secret", mesh: "default", name: "s" })).toBeUndefined();
  expect((await call("POST", "/apply", { documents })).status).toBe(200);
});

test("a mesh is filled in where a document names none", async () => {
  const { call } = await testApi();
  await call("PUT", "/meshes/m", { type: "Mesh", name: "m" });
  const { mesh: _mesh, ...withoutMesh } = trafficRoute("a");
  const answer = await call("POST", "/apply", { documents: [withoutMesh, trafficRoute("b")], mesh: "m" });
  expect(answer.json.results.map((result: { mesh: string }) => result.mesh)).toEqual(["m", "default"]);
});

test.each([
  [[], "a JSON object"],
  [{}, "nothing to apply"],
  [{ documents: 7 }, "not valid"],
])("a request that makes no sense is refused: %j", async (body, detail) => {
  const { call } = await testApi();
  const answer = await call("POST", "/apply", body);
  expect(answer.status).toBe(400);
  expect(answer.json.detail).toContain(detail);
});
