import type { ZonePolicyReport } from "@meridian/model";
import { expect, test } from "vitest";
import { sampleReport } from "./testing/sample-policies.ts";
import { testApi, trafficRoute } from "./testing/test-api.ts";

const own = "/meshes/default/traffic-routes";

async function withPolicies(...reports: readonly ZonePolicyReport[]) {
  const api = await testApi();
  for (const name of ["canary", "other"]) await api.call("PUT", `${own}/${name}`, trafficRoute(name));
  api.policies.set("canary", ...reports);
  return api;
}

const rejection = {
  message: "missing ]",
  proxies: 1,
  proxyNames: ["web-1"],
  resources: ["outbound:api"],
  revision: 3,
  time: "2026-01-02T00:00:00.000Z",
};

test("a policy shows its proxies over all zones, and what each zone says", async () => {
  const refusing = sampleReport("west", { converged: 19, rejected: 1 });
  const west = { ...refusing, report: { ...refusing.report, rejections: [rejection], notes: [{ message: "no b", proxies: 2 }] } };
  const { call } = await withPolicies(sampleReport("east", { converged: 100 }), west);
  const { status, json } = await call("GET", `${own}/canary/_status`);
  expect(status).toBe(200);
  expect(json).toEqual({
    type: "TrafficRoute",
    mesh: "default",
    name: "canary",
    version: expect.any(Number),
    state: "rejected",
    proxies: { applied: 120, converged: 119, pending: 0, rejected: 1, unknown: 0 },
    zones: [
      {
        zone: "east",
        state: "converged",
        proxies: { applied: 100, converged: 100, pending: 0, rejected: 0, unknown: 0 },
        rejections: [],
        notes: [],
      },
      {
        zone: "west",
        state: "rejected",
        proxies: { applied: 20, converged: 19, pending: 0, rejected: 1, unknown: 0 },
        rejections: [rejection],
        notes: [{ message: "no b", proxies: 2 }],
      },
    ],
  });
});

test("what is not known to be so is not converged: zones that are away, and zones that hold an older version", async () => {
  const since = "2026-01-01T23:00:00.000Z";
  const { call } = await withPolicies(
    sampleReport("east", { converged: 5 }, { status: "unknown", lastHeard: since }),
    sampleReport("north", { converged: 7, pending: 1 }, { isCurrent: false }),
    sampleReport("off", { converged: 3 }, { status: "disabled" }),
    sampleReport("west", { converged: 2 }),
  );
  const { json } = await call("GET", `${own}/canary/_status`);
  expect(json).toMatchObject({
    state: "pending",
    proxies: { applied: 15, converged: 2, pending: 8, rejected: 0, unknown: 5 },
    zones: [
      { zone: "east", state: "unknown", unknownSince: since, proxies: { applied: 5, converged: 0, unknown: 5 } },
      { zone: "north", state: "pending", proxies: { applied: 8, converged: 0, pending: 8 } },
      { zone: "off", state: "disabled" },
      { zone: "west", state: "converged" },
    ],
  });
});

test.each([
  ["unapplied", []],
  ["unapplied", [sampleReport("east", {})]],
  ["converged", [sampleReport("east", {}), sampleReport("west", { converged: 1 })]],
  ["unknown", [sampleReport("east", { converged: 1 }), sampleReport("west", {}, { status: "unknown" })]],
  ["pending", [sampleReport("east", { converged: 1 }), sampleReport("west", { pending: 1 })]],
])("is %s", async (state, reports) => {
  const { call } = await withPolicies(...(reports as readonly ZonePolicyReport[]));
  expect((await call("GET", `${own}/canary/_status`)).json.state).toBe(state);
});

test("lists have a page of statuses, in the order of the list", async () => {
  const { call } = await withPolicies(sampleReport("east", { converged: 4 }));
  for (const path of [own, "/traffic-routes"]) {
    const { json } = await call("GET", `${path}/_status?name=o`);
    expect(json.items.map(({ name }: { name: string }) => name)).toEqual(["other"]);
  }
  const first = (await call("GET", `${own}/_status?size=1`)).json;
  expect(first.items).toMatchObject([{ name: "canary", proxies: { applied: 4 } }]);
  expect(first.total).toBeGreaterThan(1);
  expect(new URL(first.next).pathname).toBe(`${own}/_status`);
});

test("what is not there is a 404, and other kinds have no status", async () => {
  const { call } = await withPolicies();
  expect((await call("GET", `${own}/none/_status`)).status).toBe(404);
  expect((await call("GET", "/meshes/none/traffic-routes/_status")).status).toBe(404);
  expect((await call("GET", "/meshes/default/_status")).status).toBe(404);
  const { json } = await call("GET", "/openapi.json");
  expect(json.paths["/meshes/{mesh}/traffic-routes/{name}/_status"].get.operationId).toBe("statusOfTrafficRoute");
  expect(json.paths["/meshes/{mesh}/dataplanes/{name}/_status"]).toBeUndefined();
});

test("waiting streams each change until nothing is pending or refused", async () => {
  const { app, policies } = await withPolicies(sampleReport("east", { pending: 2 }));
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  const answer = await fetch(`${address}${own}/canary/_status?wait=true`);
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes('"pending":2') && !text.includes('"rejected":1')) {
      policies.set("canary", {
        ...sampleReport("east", { converged: 1, rejected: 1 }),
        report: { proxies: { applied: 2, converged: 1, pending: 0, rejected: 1 }, rejections: [rejection], notes: [] },
      });
    } else if (!text.includes("settled")) policies.set("canary", sampleReport("east", { converged: 2 }));
  }
  expect(text.match(/^event: .*$/gm)).toEqual(["event: progress", "event: progress", "event: settled"]);
  await app.close();
});
