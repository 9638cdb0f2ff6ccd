import { beforeAll, describe, expect, it } from "vitest";
import { canary, planWorld } from "./testing/plan-world.ts";
import { type TestApi, testApi } from "./testing/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await planWorld();
  await api.call("POST", "/apply", { documents: [canary(90, 10)] });
});

const url = "/meshes/default/_explain";

describe("/meshes/{mesh}/_explain", () => {
  it("tells the way of a request, the same by GET and by POST", async () => {
    const asked = await api.call("GET", `${url}?from=magnanimo&to=benigno&path=/x&method=PUT&header=a:b&header=a:c`);
    expect(asked.json).toMatchObject({
      revision: await api.store.revision(),
      request: { mesh: "default", from: "magnanimo", to: "benigno", path: "/x", method: "PUT", headers: { a: "b,c" } },
      client: { zone: "east", dataplane: "magnanimo-1" },
      route: { policies: ["TrafficRoute/default/canary"] },
      destinations: [
        { tags: { version: "v1" }, share: 0.9 },
        { tags: { version: "v2" }, share: 0.1 },
      ],
    });
    const body = { from: "magnanimo", to: "benigno", path: "/x", method: "PUT", header: ["a:b", "a:c"] };
    expect((await api.call("POST", url, body)).json).toEqual(asked.json);
  });

  it("says where the way ends", async () => {
    const { json } = await api.call("GET", `${url}?from=nobody&to=benigno`);
    expect(json).toMatchObject({ verdict: { outcome: "blocked", reason: "no-client", share: 0 }, destinations: [] });
  });

  it("names every mistake of a question, and a mesh that is not there", async () => {
    const { status, json } = await api.call("GET", `${url}?path=x&method=a%20b&header=novalue`);
    expect(status).toBe(400);
    const fields = json.invalid_parameters.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(["from", "to", "path", "method", "header[0]"]);
    for (const body of ["[]", '"x"', "null", "7"]) expect((await api.call("POST", url, body)).status).toBe(400);
    expect((await api.call("GET", "/meshes/none/_explain?from=a&to=b")).status).toBe(404);
  });

  it("is not there without an explainer", async () => {
    expect((await (await testApi()).call("GET", `${url}?from=a&to=b`)).status).toBe(404);
  });
});
