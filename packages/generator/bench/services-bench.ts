/**
 * Engine time by number of MeshServices. Run: `node --import tsx packages/generator/bench/services-bench.ts [SERVICES...]`
 * 1,000 transparent proxies, all of which reach every service at its address. "new": one more service gets an address, so that each
 * proxy gets a listener, a route and a cluster; "endpoint": one more proxy behind a service; "state": a service says that nobody is
 * healthy, which sends nothing.
 */
import type { Resource } from "@meridian/model";
import { createConfigEngine } from "../src/index.ts";
import { dataplane, mesh, resource, sidecar } from "../src/testing/resources.ts";
import type { ConfigEngine, ProxyUpdate, ViewChange } from "../src/types.ts";

const proxyCount = 1_000;
const rounds = 11;

const put = (...resources: readonly Resource[]): readonly ViewChange[] =>
  resources.map((each) => ({ op: "put", resource: each }));

function meshService(index: number, state = "Available"): Resource {
  const name = `service-${index}`;
  const spec = {
    selector: { dataplaneTags: { "kuma.io/service": name } },
    ports: [{ port: 80, targetPort: 8080, appProtocol: "http" }],
    identities: [{ type: "ServiceTag", value: name }],
    state,
  };
  const labels = { "kuma.io/origin": "zone", "kuma.io/zone": "west" };
  return { ...resource("MeshService", "default", name, spec, labels), status: { vips: [{ ip: address(241, index) }] } };
}

function proxy(index: number, services: number): Resource {
  const tags = { "kuma.io/service": `service-${index % services}`, "kuma.io/protocol": "http" };
  const transparentProxying = { redirectPortInbound: 15_006, redirectPortOutbound: 15_001 };
  return dataplane({
    ...{ name: `dp-${index}`, address: address(10, index), inbound: [{ port: 8080, tags }], transparentProxying },
  });
}

function address(net: number, index: number): string {
  return `${net}.0.${index >> 8}.${index & 255}`;
}

interface Steps {
  readonly ms: number;
  readonly updates: ReadonlyMap<string, ProxyUpdate>;
}

function repeated(engine: ConfigEngine, change: (round: number) => readonly ViewChange[]): Steps {
  let updates: Steps["updates"] = new Map();
  const times = Array.from({ length: rounds }, (_, round) => {
    const changes = change(round);
    const start = performance.now();
    updates = engine.apply(changes);
    return performance.now() - start;
  });
  return { ms: times.toSorted((a, b) => a - b)[rounds >> 1] ?? 0, updates };
}

function bench(services: number): Readonly<Record<string, string | number>> {
  const engine = createConfigEngine({ zone: "west" });
  const all = [
    ...Array.from({ length: services }, (_, index) => meshService(index)),
    ...Array.from({ length: proxyCount }, (_, index) => proxy(index, services)),
  ];
  engine.apply(put(mesh("default"), ...all));
  const start = performance.now();
  for (let index = 0; index < proxyCount; index++) engine.attach(sidecar("default", `dp-${index}`));
  const attachMs = performance.now() - start;
  const added = repeated(engine, (round) => put(meshService(services + round)));
  const endpoint = repeated(engine, (round) => put(proxy(proxyCount + round * services, services)));
  const state = repeated(engine, (round) => put(meshService(0, round % 2 === 0 ? "Unavailable" : "Available")));
  return {
    services,
    "attach ms": round(attachMs),
    "new ms": round(added.ms),
    "new updates": added.updates.size,
    "new patches": patches(added),
    "endpoint ms": round(endpoint.ms),
    "endpoint updates": endpoint.updates.size,
    "endpoint patches": patches(endpoint),
    "state ms": round(state.ms),
    "state updates": state.updates.size,
  };
}

function patches({ updates }: Steps): number {
  return new Set([...updates.values()].map(({ patch }) => patch)).size;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const sizes = process.argv.slice(2).map(Number);
bench(20);
console.table((sizes.length > 0 ? sizes : [100, 1_000]).map(bench));
