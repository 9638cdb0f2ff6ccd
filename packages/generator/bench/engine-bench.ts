/**
 * Engine time by number of proxies. Run: `node --expose-gc --import tsx packages/generator/bench/engine-bench.ts [N...]`
 * The world of design.md "Figures to reach": N proxies in 50 services, each with 20 outbounds, mTLS on. "route": one outbound of
 * every proxy changes; "route *": all 20. `UNIQUE_TAGS=1` gives each proxy a tag of its own, as pods of a StatefulSet have.
 */
import type { Resource } from "@meridian/model";
import { createConfigEngine } from "../src/index.ts";
import { dataplane, ingress, mesh, resource, sidecar, trafficRoute } from "../src/testing/resources.ts";
import type { ConfigEngine, ViewChange } from "../src/types.ts";

const serviceCount = 50;
const outboundCount = 20;
const service = (index: number): string => `service-${index % serviceCount}`;

/** Not service-0. */
const other = (own: number, nth: number): string => `service-${1 + ((own + nth) % (serviceCount - 1))}`;

/** Every proxy reaches service-0, so that one route concerns all. `zone`-like tags are equal within a service. */
function proxyResource(index: number): Resource {
  const own = index % serviceCount;
  const unique = process.env["UNIQUE_TAGS"] ? { instance: `i-${index}` } : {};
  return dataplane({
    name: `dp-${index}`,
    address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
    inbound: [
      { port: 8080, tags: { "kuma.io/service": service(own), "kuma.io/protocol": "http", version: `v${own % 2}`, ...unique } },
    ],
    outbound: Array.from({ length: outboundCount }, (_, nth) => ({
      port: 20_000 + nth,
      tags: { "kuma.io/service": nth === 0 ? "service-0" : other(own, nth) },
    })),
  });
}

function route(weight: number): ViewChange {
  const split = [
    { weight, destination: { "kuma.io/service": "service-0", version: "v0" } },
    { weight: 100 - weight, destination: { "kuma.io/service": "service-0", version: "v1" } },
  ];
  return { op: "put", resource: trafficRoute("canary", "service-0", split) };
}

/** Like the load generator of the whole product: a route for every outbound of every proxy. */
function routeOfAll(round: number): ViewChange {
  const route = trafficRoute("route-all", "*", [{ weight: 1, destination: { "kuma.io/service": "*" } }]);
  const { conf, ...rest } = route.spec as { readonly conf: object };
  const http = [{ match: { path: { prefix: `/bench-${round}` } }, destination: { "kuma.io/service": "*" } }];
  return { op: "put", resource: { ...route, spec: { ...rest, conf: { ...conf, http } } } };
}

function world(count: number): readonly ViewChange[] {
  const everywhere = trafficRoute("route-all", "*", [{ weight: 1, destination: { "kuma.io/service": "*" } }]);
  const permission = resource("TrafficPermission", "default", "all", {
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": "*" } }],
  });
  const proxies = Array.from({ length: count }, (_, index) => proxyResource(index));
  const local = resource("ZoneIngress", "", "zi", { zone: "west", networking: { address: "10.200.0.1", port: 10_000 } });
  return [mesh("default"), everywhere, permission, local, ...proxies].map((each) => ({ op: "put", resource: each }));
}

interface Measured<T> {
  readonly ms: number;
  readonly result: T;
}

function measure<T>(run: () => T): Measured<T> {
  const start = performance.now();
  const result = run();
  return { ms: performance.now() - start, result };
}

/** Median of several, so that one garbage collection does not decide. */
function median(runs: readonly number[]): number {
  return runs.toSorted((a, b) => a - b)[Math.floor(runs.length / 2)] ?? 0;
}

function repeat(count: number, run: (round: number) => number): number {
  return median(Array.from({ length: count }, (_, round) => run(round)));
}

function heapMb(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return (heapUsed + Math.max(arrayBuffers, external)) / 1_048_576;
}

function attachAll(engine: ConfigEngine, count: number): void {
  for (let index = 0; index < count; index++) engine.attach(sidecar("default", `dp-${index}`));
}

function bench(count: number): Readonly<Record<string, string | number>> {
  const engine = createConfigEngine({ zone: "west" });
  const load = measure(() => engine.apply(world(count)));
  engine.attach(ingress("zi"));
  const before = heapMb();
  const attach = measure(() => attachAll(engine, count));
  const memory = heapMb() - before;
  engine.apply([route(50)]);
  let updates = engine.apply([route(51)]);
  const routeMs = repeat(21, (round) => {
    const step = measure(() => engine.apply([route(round)]));
    updates = step.result;
    return step.ms;
  });
  const routePatches = new Set([...updates.values()].map(({ patch }) => patch)).size;
  let all = engine.apply([routeOfAll(0)]);
  const allMs = repeat(21, (round) => {
    const step = measure(() => engine.apply([routeOfAll(round + 1)]));
    all = step.result;
    return step.ms;
  });
  const joining = {
    op: "put",
    resource: proxyResource(count + (count % serviceCount === 0 ? 0 : serviceCount - (count % serviceCount))),
  } as const;
  const leaving = { op: "delete", key: joining.resource } as const;
  let clients = engine.apply([joining]);
  engine.apply([leaving]);
  const endpointMs = repeat(21, () => {
    const join = measure(() => engine.apply([joining]));
    const leave = measure(() => engine.apply([leaving]));
    clients = join.result;
    return Math.max(join.ms, leave.ms);
  });
  return {
    proxies: count,
    "load ms": round(load.ms),
    "attach ms": round(attach.ms),
    "KB/proxy": round((memory * 1024) / count),
    "route ms": round(routeMs),
    "route updates": updates.size,
    "route patches": routePatches,
    "route * ms": round(allMs),
    "route * patches": new Set([...all.values()].map(({ patch }) => patch)).size,
    "endpoint ms": round(endpointMs),
    "endpoint updates": clients.size,
    "endpoint patches": new Set([...clients.values()].map(({ patch }) => patch)).size,
    failures: engine.failures.length,
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const counts = process.argv.slice(2).map(Number);
const sizes = counts.length > 0 ? counts : [100, 1_000, 5_000];
bench(200);
console.table(sizes.map(bench));
