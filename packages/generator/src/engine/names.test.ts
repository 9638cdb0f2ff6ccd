import { typeUrls } from "@meridian/envoy";
import type { Resource } from "@meridian/model";
import { expect, test } from "vitest";
import { decodeResource } from "../testing/golden.ts";
import { namesOf } from "../testing/names.ts";
import { dataplane, mesh, resource, sidecar } from "../testing/resources.ts";
import type { ConfigEngine, ProxyDescription, ProxyUpdate, ViewChange } from "../types.ts";
import { createConfigEngine } from "./engine.ts";

// What a change of host names sends, and to whom.

const put = (...resources: readonly Resource[]): readonly ViewChange[] =>
  resources.map((each) => ({ op: "put", resource: each }));

function server(name: string, service: string, version = "v1"): Resource {
  const tags = { "kuma.io/service": service, "kuma.io/protocol": "http", version };
  return dataplane({ name, address: `10.0.2.${name.slice(-1)}`, inbound: [{ port: 8080, tags }] });
}

function redirected(name: string, more: object = {}): Resource {
  const transparentProxying = { redirectPortOutbound: 15_001, ipFamilyMode: "IPv4", ...more };
  return dataplane({ name, address: "10.0.1.1", transparentProxying });
}

function virtualOutbound(name: string, host: string, parameters: readonly object[]): Resource {
  const conf = { host, port: "80", parameters: [{ name: "svc", tagKey: "kuma.io/service" }, ...parameters] };
  return resource("VirtualOutbound", "default", name, { selectors: [{ match: { "kuma.io/service": "*" } }], conf });
}

const web = server("web-1", "web");
const api = server("api-1", "api");

const clients: readonly ProxyDescription[] = [
  ...["all-1", "all-2", "some", "none"].map((name) => ({ ...sidecar("default", name), dnsPort: 15_054 })),
];

function started(): ConfigEngine {
  const engine = createConfigEngine({ zone: "west" });
  const some = redirected("some", { reachableServices: ["web"] });
  const none = dataplane({ name: "none", address: "10.0.1.2" });
  engine.apply(put(mesh("default"), web, redirected("all-1"), redirected("all-2"), some, none, ...namesOf([web])));
  for (const client of clients) engine.attach(client);
  return engine;
}

function told(update: ProxyUpdate | undefined): readonly string[] {
  return (update?.patch.changed ?? [])
    .map(({ typeUrl, name }) => `${typeUrl.slice(typeUrl.lastIndexOf(".") + 1)} ${name}`)
    .sort();
}

test("a new service goes to those that reach it, all of them with the same bytes: what is new, and the table of names", () => {
  const engine = started();
  engine.apply(put(api));
  const updates = engine.apply(put(...namesOf([web, api])));
  expect([...updates.keys()].sort()).toEqual(["default.all-1", "default.all-2", "default.some"]);
  expect(updates.get("default.all-1")?.patch).toBe(updates.get("default.all-2")?.patch);
  // In alphabetical order api.mesh takes the address that web.mesh had: for those who reach web alone, that is all.
  expect(told(updates.get("default.some"))).toEqual(["Listener kuma:dns", "Listener outbound:240.0.0.2:80"]);
});

test("a name that comes changes nothing for those who reach other services", () => {
  const engine = started();
  engine.apply(put(server("zed-1", "zed")));
  const updates = engine.apply(put(...namesOf([web, server("zed-1", "zed")])));
  expect([...updates.keys()].sort()).toEqual(["default.all-1", "default.all-2"]);
  expect(told(updates.get("default.all-1"))).toEqual([
    "Cluster zed",
    "ClusterLoadAssignment zed",
    "Listener kuma:dns",
    "Listener outbound:240.0.0.2:80",
    "RouteConfiguration outbound:zed",
  ]);
});

test("an endpoint more changes no listener", () => {
  const engine = started();
  const updates = engine.apply(put(server("web-2", "web")));
  expect(told(updates.get("default.some"))).toEqual(["ClusterLoadAssignment web"]);
});

test("host names of a real service are answered with its address, before what is called so by tags", () => {
  const engine = started();
  const status = { vips: [{ ip: "241.0.0.1" }], addresses: [{ hostname: "web.mesh" }, { hostname: "web.svc.mesh.local" }] };
  const spec = { selector: { dataplaneTags: { "kuma.io/service": "web" } }, ports: [{ port: 80, appProtocol: "http" }] };
  const service = { ...resource("MeshService", "default", "web", spec, { "kuma.io/origin": "zone" }), status };
  const dns = engine
    .apply(put(service))
    .get("default.all-1")
    ?.patch.changed.find(({ name }) => name === "kuma:dns");
  expect(tableOf(dns && decodeResource(dns))).toEqual([
    ["web.mesh", ["241.0.0.1"]],
    ["web.svc.mesh.local", ["241.0.0.1"]],
  ]);
});

function tableOf(listener: unknown): readonly (readonly [string, readonly string[]])[] {
  const [filter] = (listener as { listenerFilters: { typedConfig: DnsFilter }[] }).listenerFilters;
  const domains = filter?.typedConfig.serverConfig.inlineDnsTable.virtualDomains ?? [];
  return domains.map(({ name, endpoint }) => [name, endpoint.addressList.address] as const);
}

interface DnsFilter {
  readonly serverConfig: {
    readonly inlineDnsTable: {
      readonly virtualDomains: readonly { readonly name: string; readonly endpoint: { addressList: { address: string[] } } }[];
    };
  };
}

test("a VirtualOutbound shows for how many proxies it made a listener, and what it asked for in vain", () => {
  const engine = started();
  const first = virtualOutbound("a", "{{.svc}}.apps", []);
  const second = virtualOutbound("b", "{{.svc}}.apps", [{ name: "version" }]);
  engine.apply(put(...namesOf([web, first, second])));
  expect(engine.policies.count("VirtualOutbound/default/a")).toBe(3);
  const message = "web.apps:80 leads to kuma.io/service=web as VirtualOutbound a says";
  expect(engine.policies.notes("VirtualOutbound/default/b")).toEqual([{ message, proxies: 3 }]);
});

test("a proxy that says itself what its host redirects takes what is sent to addresses, whatever its resource says", () => {
  const engine = started();
  const transparentProxy = { outboundPort: 15_001, inboundPort: 15_006, ipv6: false, redirectsDns: false };
  const inbound = [{ port: 80, tags: { "kuma.io/service": "own" } }];
  engine.apply(put(dataplane({ name: "own", address: "10.0.1.7", inbound })));
  const { resources } = engine.attach({ ...sidecar("default", "own"), dnsPort: 15_054, transparentProxy });
  const names = [...(resources.get(typeUrls.listener)?.keys() ?? [])].sort();
  expect(names).toEqual([
    ...["inbound:10.0.1.7:80", "inbound:passthrough:ipv4"],
    ...["outbound:240.0.0.1:80", "outbound:passthrough:ipv4"],
  ]);
  const workload = resources.get(typeUrls.cluster)?.get("localhost:80");
  expect(JSON.stringify(workload && decodeResource(workload))).toContain("10.0.1.7");
});

test("instances that are reached by their own addresses get a listener each, and lose it when they go", () => {
  const engine = started();
  const [, , , client] = clients;
  const name = client?.name ?? "";
  const own = redirected(name, { directAccessServices: ["web"] });
  const listeners = (update: ProxyUpdate | undefined): readonly string[] =>
    told(update).filter((each) => each.includes("direct_access"));
  expect(listeners(engine.apply(put(own)).get(client?.id ?? ""))).toEqual([
    "Cluster direct_access",
    "Listener direct_access_10.0.2.1:8080",
  ]);
  const removed = engine.apply([{ op: "delete", key: web }]).get(client?.id ?? "")?.patch.removed ?? [];
  expect(removed).toContainEqual({ typeUrl: typeUrls.listener, name: "direct_access_10.0.2.1:8080" });
});
