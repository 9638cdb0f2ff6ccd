import { beforeEach, describe, expect, it } from "vitest";
import { canary, planWorld } from "./testing/plan-world.ts";
import { elsewhere, type TestApi, testApi } from "./testing/test-api.ts";

let api: TestApi;
beforeEach(async () => {
  api = await planWorld();
  await api.call("POST", "/apply", { documents: [canary(90, 10)] });
});

describe("POST /plan", () => {
  it("says what an apply would do, and writes nothing", async () => {
    const revision = await api.store.revision();
    const { status, json } = await api.call("POST", "/plan", { documents: [canary(10, 90)] });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      revision,
      changed: true,
      results: [{ kind: "TrafficRoute", mesh: "default", name: "canary", outcome: "updated" }],
      proxies: 1,
      zones: [{ zone: "east", proxies: 3, changed: 1, changedOnline: 1 }],
      cutOffs: [],
      failures: [],
      groups: [
        {
          proxies: [{ zone: "east", mesh: "default", name: "magnanimo-1", online: true }],
          resources: [
            {
              type: "RouteConfiguration",
              name: "outbound:benigno",
              change: "changed",
              policies: expect.arrayContaining(["TrafficRoute/default/canary"]) as unknown,
            },
          ],
        },
      ],
    });
    expect(json.summary.map(({ text }: { text: string }) => text)).toEqual([
      "benigno v2 gets 90 % of magnanimo's requests, was 10 %",
      "benigno v1 gets 10 % of magnanimo's requests, was 90 %",
    ]);
    expect(json.bytes).toBeGreaterThan(0);
    expect(json.groups[0].resources[0]).not.toHaveProperty("diff");
    expect(await api.store.revision()).toBe(revision);
  });

  it("shows the Envoy resources as diffs where asked to", async () => {
    const { json } = await api.call("POST", "/plan", { documents: [canary(10, 90)], envoy: true });
    expect(json.groups[0].resources[0].diff).toContain("--- outbound:benigno now");
    expect(json.groups[0].resources[0].diff).toMatch(/^-\s+weight: 90$/m);
    expect((await api.call("POST", "/plan", { documents: [canary(1, 1)], envoy: "yes" })).status).toBe(400);
  });

  it("follows what is applied: the same once more is no change", async () => {
    await api.call("POST", "/plan", { documents: [canary(10, 90)] });
    const { json: applied } = await api.call("POST", "/apply", { documents: [canary(10, 90)] });
    const { json } = await api.call("POST", "/plan", { documents: [canary(10, 90)] });
    expect(json).toMatchObject({ revision: applied.revision, changed: false, proxies: 0, summary: [], groups: [] });
    const { json: back } = await api.call("POST", "/plan", { documents: [canary(90, 10)] });
    expect(back.summary[0].text).toBe("benigno v1 gets 90 % of magnanimo's requests, was 10 %");
  });

  it("warns of traffic that flows now and would not any more, also by what goes", async () => {
    const everything = { type: "TrafficPermission", mesh: "default", name: "allow-all-default" };
    await api.call("PUT", "/meshes/default/traffic-permissions/all", {
      ...everything,
      name: "all",
      sources: [{ match: { "kuma.io/service": "*" } }],
      destinations: [{ match: { "kuma.io/service": "*" } }],
    });
    const held = await api.store.list("TrafficPermission");
    const deletes = held.map(({ name }) => ({ type: "TrafficPermission", mesh: "default", name }));
    const { json } = await api.call("POST", "/plan", { deletes });
    expect(json.cutOffs).toMatchObject([{ from: "magnanimo", to: "benigno", extent: "all", reason: "refused", proxies: 1 }]);
    expect(json.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual(held.map(() => "deleted"));
  });

  it("takes YAML, and names every mistake as an apply does", async () => {
    const yaml = { "content-type": "application/yaml" };
    const bad = "type: TrafficRoute\nname: x\nmesh: default\n---\ntype: Nonsense\nname: y\n";
    const [planned, applied] = await Promise.all([api.call("POST", "/plan", bad, yaml), api.call("POST", "/apply", bad, yaml)]);
    expect(planned.status).toBe(400);
    expect(planned.json.invalid_parameters).toEqual(applied.json.invalid_parameters);
    expect((await api.call("POST", "/plan", {})).status).toBe(400);
    const secret = { type: "Secret", mesh: "default", name: "s", data: "c2VjcmV0" };
    expect((await api.call("POST", "/plan", { documents: [secret] }, elsewhere)).status).toBe(403);
    const missing = { ...canary(1, 1), mesh: "nowhere" };
    expect((await api.call("POST", "/plan", { documents: [missing] })).json.invalid_parameters).toMatchObject([
      { field: "documents[0].mesh" },
    ]);
  });

  it("is not there where nobody plans", async () => {
    const bare = await testApi();
    expect((await bare.call("POST", "/plan", { documents: [canary(1, 1)] })).status).toBe(404);
  });
});
