import { createExplainer } from "@meridian/explain";
import { seenInZone } from "@meridian/kds";
import { labelNames, type Resource, type ResourceInput, syncedName } from "@meridian/model";
import { Planner } from "@meridian/plan";
import { policyKinds } from "@meridian/policies";
import { createMemoryStore } from "@meridian/store";
import type { ApiDeps } from "../ports.ts";
import { clock, kinds, type TestApi, testApi } from "./test-api.ts";

/** A global with a planner, an explainer and one zone, `east`, whose data planes `uploaded` puts there. */
export async function planWorld(overrides: Partial<ApiDeps> = {}): Promise<TestApi> {
  const store = createMemoryStore({ clock });
  const api = await testApi({
    ...overrides,
    store,
    planner: new Planner({ store, ...seenByZones }),
    explainer: createExplainer({ store, ...seenByZones }),
  });
  const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
  await api.call("PUT", "/meshes/default", { type: "Mesh", name: "default", mtls });
  await store.commit(
    [
      { op: "put", resource: { kind: "Zone", mesh: "", name: "east", labels: {}, spec: { enabled: true } } },
      { op: "put", resource: uploaded("magnanimo-1", { service: "magnanimo", calls: "benigno" }) },
      { op: "put", resource: uploaded("benigno-v1", { service: "benigno", version: "v1" }) },
      { op: "put", resource: uploaded("benigno-v2", { service: "benigno", version: "v2" }) },
    ],
    { author: "test" },
  );
  const { name, mesh } = uploaded("magnanimo-1", { service: "magnanimo" });
  const value = { subscriptions: [{ id: "1", connectTime: "2026-01-01T00:00:00Z" }] };
  await store.putStatus([{ key: { kind: "DataplaneInsight", mesh, name }, value }]);
  return api;
}

const seenByZones = {
  kinds: ["Mesh", "Dataplane", "ZoneIngress", "Zone", ...policyKinds.map(({ kind }) => kind)],
  zones: {
    names: (resources: Iterable<Resource>) => [...resources].filter(({ kind }) => kind === "Zone").map(({ name }) => name),
    seenIn: (resource: Resource, zone: string) => seenInZone(resource, zone, kinds),
  },
};

interface Workload {
  readonly service: string;
  readonly version?: string;
  readonly calls?: string;
}

/** As a zone sends it up. */
function uploaded(name: string, { service, version, calls }: Workload): ResourceInput {
  const tags = { "kuma.io/service": service, "kuma.io/protocol": "http", ...(version !== undefined && { version }) };
  const outbound = calls === undefined ? [] : [{ port: 10_001, tags: { "kuma.io/service": calls } }];
  return {
    kind: "Dataplane",
    mesh: "default",
    name: syncedName(name, "default", "east"),
    labels: { [labelNames.origin]: "zone", [labelNames.zone]: "east", [labelNames.displayName]: name },
    spec: { networking: { address: "10.0.0.1", inbound: [{ port: 8080, tags }], outbound } },
  };
}

export function canary(v1: number, v2: number): object {
  const part = (weight: number, version: string) => ({ weight, destination: { "kuma.io/service": "benigno", version } });
  return {
    type: "TrafficRoute",
    mesh: "default",
    name: "canary",
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": "benigno" } }],
    conf: { split: [part(v1, "v1"), part(v2, "v2")] },
  };
}
