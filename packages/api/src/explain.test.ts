import { createLogger } from "@meridian/base";
import { createExplainer } from "@meridian/explain";
import type { ResourceInput } from "@meridian/model";
import { policyKinds } from "@meridian/policies";
import { createMemoryStore } from "@meridian/store";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { clock, elsewhere, type TestApi, testApi } from "./testing/test-api.ts";

const path = "/meshes/default/_explain";
const secret = "tok3n-of-somebody";
let api: TestApi;
let log: string;

/** magnanimo calls benigno, of which there are v1 and v2; all in the zone `east`. */
beforeEach(async () => {
  log = "";
  const store = createMemoryStore({ clock });
  const kinds = ["Mesh", "Dataplane", ...policyKinds.map(({ kind }) => kind)];
  const explainer = createExplainer({ store, kinds, zones: { names: () => ["east"], seenIn: (resource) => resource } });
  const logger = createLogger({ name: "test", level: "trace", destination: { write: (line: string) => (log += line) } });
  api = await testApi({ store, explainer, logger });
  await store.commit(
    [
      dataplane("magnanimo-1", 1, { "kuma.io/service": "magnanimo" }, ["benigno"]),
      dataplane("benigno-1", 2, { "kuma.io/service": "benigno", version: "v1" }),
      dataplane("benigno-2", 3, { "kuma.io/service": "benigno", version: "v2" }),
    ].map((resource) => ({ op: "put", resource })),
    { author: "test" },
  );
  await api.call("PUT", "/meshes/default/traffic-routes/beta", {
    ...{ type: "TrafficRoute", mesh: "default", name: "beta" },
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": "benigno" } }],
    conf: {
      http: [{ match: { headers: { beta: { exact: "yes" } } }, destination: { "kuma.io/service": "benigno", version: "v2" } }],
      destination: { "kuma.io/service": "benigno", version: "v1" },
    },
  });
});

function dataplane(
  name: string,
  host: number,
  tags: Readonly<Record<string, string>>,
  calls: readonly string[] = [],
): ResourceInput {
  const outbound = calls.map((service, index) => ({ port: 10_001 + index, tags: { "kuma.io/service": service } }));
  const inbound = [{ port: 8080, tags: { "kuma.io/protocol": "http", ...tags } }];
  const spec = { networking: { address: `10.0.0.${host}`, inbound, outbound } };
  return { kind: "Dataplane", mesh: "default", name, labels: {}, spec };
}

describe("GET and POST /meshes/{mesh}/_explain", () => {
  it("say the same of the same request", async () => {
    const asked = await api.call("GET", `${path}?from=magnanimo&to=benigno&header=beta:%20yes&path=/x&method=PUT`);
    expect(asked.status).toBe(200);
    expect(asked.json).toMatchObject({
      revision: await api.store.revision(),
      request: { mesh: "default", from: "magnanimo", to: "benigno", path: "/x", method: "PUT", headers: { beta: "yes" } },
      verdict: { outcome: "reaches", share: 1, policies: ["TrafficRoute/default/beta"] },
      client: { dataplane: "magnanimo-1", zone: "east" },
      outbound: { address: "127.0.0.1", port: 10_001, name: "benigno", treats: "http" },
      route: { place: 1, of: 2, match: "with header beta yes" },
      destinations: [{ name: "benigno v2", share: 1, servers: [{ dataplane: "benigno-2", permission: { decision: "open" } }] }],
    });
    const body = { from: "magnanimo", to: "benigno", header: ["beta: yes"], path: "/x", method: "PUT" };
    expect((await api.call("POST", path, body)).json).toEqual(asked.json);
  });

  it("are for everybody who may read", async () => {
    expect((await api.call("POST", path, { from: "magnanimo", to: "benigno" }, elsewhere)).status).toBe(200);
  });

  it("answer 200 to what does not arrive", async () => {
    const { status, json } = await api.call("GET", `${path}?from=magnanimo&to=warehouse`);
    expect([status, json.verdict.outcome, json.verdict.reason]).toEqual([200, "blocked", "no-outbound"]);
  });

  it("write nothing", async () => {
    const revision = await api.store.revision();
    await api.call("POST", path, { from: "magnanimo", to: "benigno" });
    expect(await api.store.revision()).toBe(revision);
  });

  it("follow what is written", async () => {
    await api.call("DELETE", "/meshes/default/traffic-routes/beta");
    const { json } = await api.call("POST", path, { from: "magnanimo", to: "benigno", header: "beta: yes" });
    expect(json.destinations).toMatchObject([{ name: "benigno" }]);
  });
});

describe("mistakes", () => {
  it("are all named at once", async () => {
    const asked = { path: "x", method: "G T", header: ["beta", "a b: c", 7], zone: "", form: "magnanimo" };
    const { status, json } = await api.call("POST", path, asked);
    expect(status).toBe(400);
    expect(json.invalid_parameters.map(({ field, reason }: Record<string, string>) => `${field}: ${reason}`)).toEqual([
      "form: is no part of the question: from, to, path, method, header, zone",
      "from: must name the client: a service or a data plane",
      "to: must name the service that it calls",
      "path: must start with /",
      "method: must be a method of HTTP",
      "zone: must name a zone",
      ...[0, 1, 2].map((index) => `header[${index}]: must be name:value`),
    ]);
  });

  it.each([["[]"], ['"text"'], ["null"], ["7"]])("a body %s is no question", async (body) => {
    expect((await api.call("POST", path, body)).json.invalid_parameters[0]).toMatchObject({ reason: "must be an object" });
  });

  it("a text that is too long is named as such", async () => {
    const { json } = await api.call("POST", path, { from: "magnanimo", to: "benigno", path: `/${"x".repeat(9_000)}` });
    expect(json.invalid_parameters).toMatchObject([{ field: "path", reason: "must have at most 8192 characters" }]);
  });

  it("a mesh that is not there is not found", async () => {
    const { status, json } = await api.call("GET", "/meshes/defalt/_explain?from=a&to=b");
    expect([status, json.detail]).toEqual([404, "there is no mesh defalt. Did you mean default?"]);
  });

  it("of any sort are no failure of the server", async () => {
    const value = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom("magnanimo", "benigno", "/x", "GET", "east"),
      fc.jsonValue(),
    );
    const question = fc.record(
      { from: value, to: value, path: value, method: value, header: fc.oneof(value, fc.array(value)), zone: value },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(question, fc.constantFrom("default", "nowhere"), async (body, mesh) => {
        expect((await api.call("POST", `/meshes/${mesh}/_explain`, body)).status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
  });
});

it("no header, query or path reaches the log", async () => {
  const query = `from=magnanimo&to=benigno&header=authorization:${secret}&path=/x?token=${secret}`;
  await api.call("GET", `${path}?${query}`);
  await api.call("POST", path, { from: "magnanimo", to: "benigno", header: [`authorization: ${secret}`], path: `/${secret}` });
  await api.call("POST", path, { from: "magnanimo", to: "benigno", header: [secret] });
  expect(log).toContain("_explain");
  expect(log).not.toContain(secret);
});

it("is neither there nor in the document where nobody explains", async () => {
  const bare = await testApi();
  expect((await bare.call("POST", path, { from: "a", to: "b" })).status).toBe(404);
  const paths = async (of: TestApi) => Object.keys((await of.call("GET", "/openapi.json")).json.paths);
  expect(await paths(api)).toContain("/meshes/{mesh}/_explain");
  expect(await paths(bare)).not.toContain("/meshes/{mesh}/_explain");
});
