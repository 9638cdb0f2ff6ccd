import type { Store } from "@meridian/store";
import { expect, test } from "vitest";
import { dataplane, sampleZone, testApi } from "./testing/test-api.ts";

const connected = { id: "1", connectTime: "2026-01-01T00:00:00Z", status: { total: { responsesSent: "3" } } };
const left = { ...connected, disconnectTime: "2026-01-01T01:00:00Z" };

async function putInsight(store: Store, kind: string, name: string, value: object): Promise<void> {
  await store.putStatus([{ key: { kind, mesh: kind.startsWith("Zone") ? "" : "default", name }, value }]);
}

/** A data plane as it arrives at a global from its zone. */
function synced(name: string, zone: string, inbound: object = {}) {
  const { networking } = dataplane(name);
  const spec = { networking: { ...networking, inbound: networking.inbound.map((one) => ({ ...one, ...inbound })) } };
  const labels = { "kuma.io/origin": "zone", "kuma.io/zone": zone, "kuma.io/display-name": name };
  return { op: "put", resource: { kind: "Dataplane", mesh: "default", name: `${name}-${zone}`, labels, spec } } as const;
}

test("a zone that is not heard from is unknown since then, and never online", async () => {
  const { call, store, convergence } = await testApi();
  for (const name of ["east", "west", "north", "off"]) {
    await call("PUT", `/zones/${name}`, { type: "Zone", name, enabled: name !== "off" });
    await putInsight(store, "ZoneInsight", name, { subscriptions: [connected] });
  }
  convergence.zones = [
    sampleZone("east", { revision: 9, convergedRevision: 8, behindRevisions: 1, behindMs: 40 }),
    sampleZone("west", { status: "unknown", lastHeard: "2026-01-01T12:00:00.000Z", behindRevisions: 3, behindMs: 5000 }),
  ];
  const { items } = (await call("GET", "/zones/_overview")).json;
  const byName = new Map(items.map((item: { name: string }) => [item.name, item]));
  expect(byName.get("east")).toMatchObject({
    type: "ZoneOverview",
    zone: { enabled: true },
    zoneInsight: { subscriptions: [connected] },
    status: "online",
    revision: 9,
    convergedRevision: 8,
    lag: { revisions: 1, ms: 40 },
  });
  expect(byName.get("west")).toMatchObject({
    status: "unknown",
    unknownSince: "2026-01-01T12:00:00.000Z",
    lag: { revisions: 3, ms: 5000 },
    // The peer's tools read the subscriptions.
    zoneInsight: { subscriptions: [{ disconnectTime: "2026-01-01T12:00:00.000Z" }] },
  });
  expect(byName.get("north")).toMatchObject({ status: "unknown" });
  expect(byName.get("north")).not.toHaveProperty("unknownSince");
  expect(byName.get("off")).toMatchObject({ status: "disabled", zone: { enabled: false } });
  const alias = await call("GET", "/zones+insights/east");
  expect(alias.json).toEqual((await call("GET", "/zones/east/_overview")).json);
  expect((await call("GET", "/zones/none/_overview")).status).toBe(404);
});

test("a data plane's overview shows its state and what it rejected", async () => {
  const { call, store, convergence } = await testApi();
  await store.commit(
    [synced("web", "east"), synced("gone", "east"), synced("half", "east", { state: "NotReady" }), synced("far", "west")],
    { author: "sync" },
  );
  for (const name of ["web-east", "half-east", "far-west"])
    await putInsight(store, "DataplaneInsight", name, { subscriptions: [left, connected] });
  await putInsight(store, "DataplaneInsight", "gone-east", { subscriptions: [left] });
  const rejection = {
    mesh: "default",
    proxy: "web",
    typeUrl: "type",
    resources: ["r"],
    message: "no",
    policies: ["TrafficRoute/default/r"],
    revision: 3,
    time: "2026-01-02T00:00:00Z",
  };
  convergence.zones = [sampleZone("east", { rejections: [rejection] }), sampleZone("west", { status: "unknown" })];
  const { items, total } = (await call("GET", "/meshes/default/dataplanes/_overview")).json;
  expect(total).toBe(4);
  const byName = new Map(items.map((item: { name: string }) => [item.name, item]));
  expect(byName.get("web-east")).toMatchObject({
    type: "DataplaneOverview",
    mesh: "default",
    dataplane: { networking: { address: "10.0.0.1" } },
    dataplaneInsight: { subscriptions: [left, connected] },
    status: "online",
    zone: "east",
    rejections: [rejection],
  });
  expect(byName.get("gone-east")).toMatchObject({ status: "offline" });
  expect(byName.get("half-east")).toMatchObject({ status: "partially_degraded" });
  expect(byName.get("far-west")).toMatchObject({
    status: "unknown",
    unknownSince: "2026-01-02T00:00:00.000Z",
    dataplaneInsight: { subscriptions: [left, { disconnectTime: "2026-01-02T00:00:00.000Z" }] },
  });
  for (const url of ["/dataplanes/_overview", "/dataplanes+insights", "/meshes/default/dataplanes+insights"]) {
    expect((await call("GET", url)).json.total).toBe(4);
  }
  expect((await call("GET", "/meshes/default/dataplanes/web-east/_overview")).json).toEqual(byName.get("web-east"));
  expect((await call("GET", "/meshes/none/dataplanes/_overview")).status).toBe(404);
  expect((await call("GET", "/meshes/default/dataplane-insights/web-east")).json).toMatchObject({
    type: "DataplaneInsight",
    subscriptions: [left, connected],
  });

  const insight = (await call("GET", "/global-insight")).json;
  expect(insight.dataplanes.standard).toEqual({ online: 1, offline: 2, partiallyDegraded: 1, total: 4 });
  expect(insight.services.internal).toEqual({ online: 0, offline: 0, partiallyDegraded: 1, total: 1 });
  expect(insight.meshes).toEqual({ total: 1 });
  expect((await call("GET", "/global-insights")).json.resources).toHaveProperty("Mesh");
});

test("in a zone a proxy without an insight is offline, and one that is connected is online", async () => {
  const { call, store } = await testApi({ mode: "standalone", zone: "east" });
  await call("PUT", "/meshes/default/dataplanes/web", dataplane("web"));
  expect((await call("GET", "/meshes/default/dataplanes/web/_overview")).json).toMatchObject({
    status: "offline",
    dataplaneInsight: {},
  });
  await putInsight(store, "DataplaneInsight", "web", { subscriptions: [connected] });
  expect((await call("GET", "/meshes/default/dataplanes/web/_overview")).json).toMatchObject({ status: "online", zone: "east" });
  const ingress = { type: "ZoneIngress", name: "in", networking: { address: "10.0.0.9", port: 10001 } };
  await call("PUT", "/zoneingresses/in", ingress);
  await putInsight(store, "ZoneIngressInsight", "in", { subscriptions: [connected] });
  expect((await call("GET", "/zoneingresses+insights/in")).json).toMatchObject({
    type: "ZoneIngressOverview",
    zoneIngress: { networking: { port: 10001 } },
    status: "online",
  });
});

test("what a proxy's Envoy says is asked for where the proxy is", async () => {
  const asked: unknown[] = [];
  const proxyAdmin = {
    request: async (zone: string | undefined, request: object) => {
      asked.push([zone, request]);
      if (zone === "west") throw new Error("zone west is offline");
      return '{"configs":[]}';
    },
  };
  const { call, store } = await testApi({ proxyAdmin });
  await store.commit([synced("web", "east"), synced("web", "west")], { author: "sync" });
  const dump = await call("GET", "/meshes/default/dataplanes/web-east/xds?include_eds=true&evil=1");
  expect([dump.status, dump.json]).toEqual([200, { configs: [] }]);
  expect(asked).toEqual([
    ["east", { type: "config_dump", proxyKind: "Dataplane", mesh: "default", name: "web", query: "include_eds=true" }],
  ]);
  expect((await call("GET", "/meshes/default/dataplanes/web-west/stats")).json).toMatchObject({
    status: 400,
    title: "Could not execute admin operation",
    detail: "zone west is offline",
  });
  expect((await call("GET", "/meshes/default/dataplanes/none/clusters")).status).toBe(404);
});
