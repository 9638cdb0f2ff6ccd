import { decodeMessage, type EncodedResource, encodeResource, type ProxyResources } from "@meridian/envoy";
import { createConfigEngine, createMeshView, generate, type ProxyDescription, type ViewChange } from "@meridian/generator";
import type { Resource } from "@meridian/model";
import { bytes, ms, quantile, type Row } from "../table.ts";

const rounds = 30;
const zone = "east";

/**
 * Generation alone, in this process: one proxy from scratch with 50 policies, then a whole zone that starts, and one policy that
 * changes. The floor encodes the same resources, made already, to the same bytes.
 */
export async function measureGeneration(zoneSize: number): Promise<readonly Row[]> {
  return [...[10, 100, 1000].map(oneProxy), ...wholeZone(zoneSize)];
}

function oneProxy(outbounds: number): Row {
  const resources = [...meshAndPolicies(), ...services(outbounds), client("client", outbounds)];
  const view = createMeshView({ zone, resources });
  const proxy = description("client");
  const { resources: config } = generate(proxy, view);
  const measured = median(() => generate(proxy, view));
  return {
    what: `config of one proxy with ${outbounds} outbounds and 50 policies, from scratch: ${bytes(sizeOf([config]))}`,
    n: undefined,
    measured: ms(measured),
    floor: `${ms(median(encodeOnly(distinct([config]))))} to encode`,
    bar: "–",
    met: undefined,
  };
}

/** Proxies in 50 services with 20 outbounds each, as in design.md. */
function wholeZone(size: number): readonly Row[] {
  const proxies = Array.from({ length: size }, (_, index) => client(`dp-${index}`, 20, index));
  const resources = [...meshAndPolicies(), ...services(50), ...proxies];
  const startedMs = performance.now();
  const engine = createConfigEngine({ zone });
  engine.apply(resources.map((resource) => ({ op: "put", resource })));
  const configs = proxies.map(({ name }) => engine.attach(description(name)).resources);
  const coldMs = performance.now() - startedMs;
  const encode = median(encodeOnly(distinct(configs)));
  const touched: number[] = [];
  const changed = new Set<EncodedResource>();
  const changes = Array.from({ length: rounds }, (_, round) => {
    const change: ViewChange = { op: "put", resource: timeout("service-0", round) };
    const beganMs = performance.now();
    const updates = engine.apply([change]);
    const tookMs = performance.now() - beganMs;
    touched.push(updates.size);
    for (const { patch } of updates.values()) for (const resource of patch.changed) changed.add(resource);
    return tookMs;
  });
  const perChange = [...changed].length / rounds;
  return [
    {
      what: `a zone starts: configs of all proxies (${distinct(configs).length} distinct resources, ${bytes(sizeOf(configs))} to send)`,
      n: size,
      measured: ms(coldMs),
      floor: `${ms(encode)} to encode each once`,
      bar: "–",
      met: undefined,
    },
    {
      what: `one MeshTimeout of one service changes: ${quantile(touched, 0.5)} proxies touched, ${perChange} resources built`,
      n: size,
      measured: ms(quantile(changes, 0.5)),
      floor: `${ms(median(encodeOnly([...changed].slice(-perChange))))} to encode`,
      bar: "–",
      met: undefined,
    },
  ];
}

function meshAndPolicies(): readonly Resource[] {
  const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
  const retry = (index: number) => ({
    to: [{ targetRef: { kind: "MeshService", name: service(index) }, default: { http: { numRetries: index } } }],
  });
  const breaker = (index: number) => ({
    to: [{ targetRef: { kind: "MeshService", name: service(index) }, default: { connectionLimits: { maxConnections: index } } }],
  });
  const rules = [{ matches: [{ path: { type: "PathPrefix", value: "/v1" } }], default: {} }];
  const route = (index: number) => ({ to: [{ targetRef: { kind: "MeshService", name: service(index) }, rules }] });
  const some = Array.from({ length: 12 }, (_, index) => index + 1);
  return [
    resource("Mesh", "", "default", { mtls }),
    resource("MeshTrafficPermission", "default", "all", {
      from: [{ targetRef: { kind: "Mesh" }, default: { action: "Allow" } }],
    }),
    resource("MeshTimeout", "default", "all", { to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "3s" } }] }),
    ...some.flatMap((index) => [
      timeout(service(index), index),
      resource("MeshRetry", "default", `retry-${index}`, retry(index)),
      resource("MeshCircuitBreaker", "default", `breaker-${index}`, breaker(index)),
      resource("MeshHTTPRoute", "default", `route-${index}`, route(index)),
    ]),
  ];
}

function timeout(name: string, seconds: number): Resource {
  const conf = { http: { requestTimeout: `${seconds + 1}s` } };
  return resource("MeshTimeout", "default", `timeout-${name}`, {
    to: [{ targetRef: { kind: "MeshService", name }, default: conf }],
  });
}

function service(index: number): string {
  return `service-${index % 1000}`;
}

/** One instance of each. */
function services(count: number): readonly Resource[] {
  return Array.from({ length: count }, (_, index) =>
    dataplane(`server-${index}`, { address: `10.9.${index >> 8}.${index & 255}`, own: service(index), outbounds: [] }),
  );
}

function client(name: string, count: number, index = 0): Resource {
  const outbounds = Array.from({ length: count }, (_, nth) => ({
    port: 20_000 + nth,
    tags: { "kuma.io/service": count > 50 ? service(nth) : service((nth === 0 ? 0 : index + nth) % 50) },
  }));
  const address = `10.${8 - (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  return dataplane(name, { address, own: service(index % 50), outbounds });
}

interface DataplaneOptions {
  readonly address: string;
  readonly own: string;
  readonly outbounds: readonly object[];
}

function dataplane(name: string, { address, own, outbounds }: DataplaneOptions): Resource {
  const inbound = [{ port: 8080, tags: { "kuma.io/service": own, "kuma.io/protocol": "http" } }];
  return resource("Dataplane", "default", name, { networking: { address, inbound, outbound: outbounds } });
}

function resource(kind: string, mesh: string, name: string, spec: object): Resource {
  const time = "2026-01-01T00:00:00Z";
  return { kind, mesh, name, spec, labels: {}, version: 1, creationTime: time, modificationTime: time };
}

function description(name: string): ProxyDescription {
  const admin = { address: "127.0.0.1", port: 9901 };
  return { id: `default.${name}`, type: "dataplane", mesh: "default", name, features: new Set(), admin };
}

function distinct(configs: readonly ProxyResources[]): readonly EncodedResource[] {
  return [...new Set(configs.flatMap((config) => [...config.values()].flatMap((ofType) => [...ofType.values()])))];
}

function sizeOf(configs: readonly ProxyResources[]): number {
  let size = 0;
  for (const config of configs)
    for (const ofType of config.values()) for (const { delta } of ofType.values()) size += delta.length;
  return size;
}

/** The resources as JSON, ready, and then only what the codec does. */
function encodeOnly(resources: readonly EncodedResource[]): () => void {
  const ready = resources.map(({ typeUrl, delta }) => {
    const { resource: body } = decodeMessage("envoy.service.discovery.v3.Resource", delta) as { readonly resource: object };
    const { "@type": _, ...json } = body as Readonly<Record<string, unknown>>;
    return { typeUrl, json };
  });
  return () => {
    for (const { typeUrl, json } of ready) encodeResource(typeUrl, json, []);
  };
}

function median(run: () => void): number {
  const samples = Array.from({ length: rounds }, () => {
    const startedMs = performance.now();
    run();
    return performance.now() - startedMs;
  });
  return quantile(samples, 0.5);
}
