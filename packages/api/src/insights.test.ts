import type { Store } from "@meridian/store";
import { expect, test } from "vitest";
import { dataplane, sampleZone, type TestApi, testApi, trafficRoute } from "./testing/test-api.ts";

const version = { kumaDp: { version: "2.14.3" }, envoy: { version: "1.40.0" } };
const connected = { id: "1", connectTime: "2026-01-01T00:00:00Z", version };
const left = { ...connected, disconnectTime: "2026-01-01T01:00:00Z" };
const mTLS = { issuedBackend: "ca-1", supportedBackends: ["ca-1", "ca-2"] };

async function connect(store: Store, name: string, value: object): Promise<void> {
  await store.putStatus([{ key: { kind: "DataplaneInsight", mesh: "default", name }, value }]);
}

/** As it arrives at a global from its zone. */
async function arrive(store: Store, zone: string, name: string, service = "web", networking: object = {}): Promise<void> {
  const spec = { networking: { ...dataplane(name, { service }).networking, ...networking } };
  const labels = { "kuma.io/origin": "zone", "kuma.io/zone": zone };
  await store.commit([{ op: "put", resource: { kind: "Dataplane", mesh: "default", name, labels, spec } }], { author: "sync" });
}

const meshInsight = async ({ call }: TestApi) => (await call("GET", "/mesh-insights/default")).json;

test("a mesh adds up as it is now, write by write", async () => {
  const api = await testApi();
  const { call, store, convergence } = api;
  convergence.set(sampleZone("east"), sampleZone("west"));
  expect(await meshInsight(api)).toMatchObject({ type: "MeshInsight", name: "default", dataplanes: {}, services: {} });

  await arrive(store, "east", "web-1");
  await arrive(store, "west", "web-2");
  await arrive(store, "west", "api-1", "api");
  await arrive(store, "east", "edge", "edge", { inbound: [], gateway: { tags: { "kuma.io/service": "edge" } } });
  await call("PUT", "/meshes/default/traffic-routes/a", trafficRoute("a"));
  expect(await meshInsight(api)).toMatchObject({
    dataplanes: { total: 4, offline: 4 },
    dataplanesByType: { standard: { total: 3 }, gateway: { total: 1 }, gatewayDelegated: { total: 1 }, gatewayBuiltin: {} },
    services: { total: 3, internal: 3 },
    policies: { TrafficRoute: { total: 1 } },
    resources: { Dataplane: { total: 4 } },
    dpVersions: { kumaDp: { unknown: { total: 4, offline: 4 } } },
  });

  await connect(store, "web-1", { subscriptions: [left, connected], mTLS });
  await connect(store, "web-2", { subscriptions: [connected], mTLS });
  expect(await meshInsight(api)).toMatchObject({
    dataplanes: { total: 4, online: 2, offline: 2 },
    dpVersions: {
      kumaDp: { "2.14.3": { total: 2, online: 2 }, unknown: { total: 2, offline: 2 } },
      envoy: { "1.40.0": { total: 2, online: 2 } },
    },
    mTLS: {
      issuedBackends: { "ca-1": { total: 2, online: 2 } },
      supportedBackends: { "ca-1": { total: 2, online: 2 }, "ca-2": { total: 2, online: 2 } },
    },
  });

  convergence.set(sampleZone("east"), sampleZone("west", { status: "unknown" }));
  expect((await meshInsight(api)).dataplanes).toEqual({ total: 4, online: 1, offline: 3 });

  await connect(store, "web-1", { subscriptions: [left] });
  await call("DELETE", "/meshes/default/traffic-routes/a");
  await store.commit([{ op: "delete", key: { kind: "Dataplane", mesh: "default", name: "edge" } }], { author: "sync" });
  const after = await meshInsight(api);
  expect(after.dataplanes).toEqual({ total: 3, offline: 3 });
  expect(after.policies).not.toHaveProperty("TrafficRoute");
  expect(after.dataplanesByType.gateway).toEqual({});
});

test("each service of a mesh is an item, of its type and status", async () => {
  const { call, store, convergence } = await testApi();
  convergence.set(sampleZone("east"), sampleZone("west"));
  await arrive(store, "east", "web-1");
  await arrive(store, "west", "web-2");
  const notReady = { inbound: [{ port: 80, state: "NotReady", tags: { "kuma.io/service": "api" } }] };
  await arrive(store, "west", "api-1", "api", notReady);
  await arrive(store, "east", "edge", "edge", { inbound: [], gateway: { type: "BUILTIN", tags: { "kuma.io/service": "edge" } } });
  for (const name of ["web-1", "api-1", "edge"]) await connect(store, name, { subscriptions: [connected], mTLS });
  const tags = { "kuma.io/service": "httpbin", "kuma.io/zone": "west" };
  const external = { type: "ExternalService", mesh: "default", name: "bin", tags, networking: { address: "httpbin.org:443" } };
  expect((await call("PUT", "/meshes/default/external-services/bin", external)).status).toBe(201);

  const list = (await call("GET", "/meshes/default/service-insights")).json;
  expect(list).toMatchObject({ total: 4, next: null });
  expect(list.items.map(({ name }: { name: string }) => name)).toEqual(["api", "edge", "httpbin", "web"]);
  const [api, edge, bin, web] = list.items;
  expect(web).toEqual({
    type: "ServiceInsight",
    mesh: "default",
    name: "web",
    creationTime: expect.any(String),
    modificationTime: expect.any(String),
    status: "partially_degraded",
    dataplanes: { total: 2, online: 1, offline: 1 },
    issuedBackends: { "ca-1": 1 },
    addressPort: "web.mesh:80",
    zones: ["east", "west"],
  });
  expect(api).toMatchObject({ status: "offline", dataplanes: { total: 1, offline: 1 }, zones: ["west"] });
  expect(edge).toMatchObject({ serviceType: "gateway_builtin", status: "online" });
  expect(bin).toMatchObject({ serviceType: "external", status: "not_available", zones: ["west"] });

  expect((await call("GET", "/meshes/default/service-insights/web")).json).toEqual(web);
  expect((await call("GET", "/meshes/default/service-insights/none")).json).toMatchObject({ name: "none", dataplanes: {} });
  expect((await call("GET", "/meshes/none/service-insights")).status).toBe(404);
  const names = async (query: string) =>
    (await call("GET", `/service-insights?${query}`)).json.items.map(({ name }: { name: string }) => name);
  expect(await names("type=internal")).toEqual(["api", "web"]);
  expect(await names("type=external,gateway_builtin")).toEqual(["edge", "httpbin"]);
  expect(await names("name=e&size=2")).toEqual(["edge", "web"]);
  expect((await call("GET", "/service-insights?type=odd")).json.invalid_parameters).toMatchObject([{ field: "type" }]);
  expect((await call("GET", "/global-insight")).json.services).toMatchObject({
    external: { total: 1 },
    internal: { total: 2, offline: 1, partiallyDegraded: 1 },
    gatewayBuiltin: { total: 1, online: 1 },
  });
});
