import { type Cluster, edsCluster, filterChain, inboundListener, type Listener, tcpProxyFilter } from "@meridian/envoy";
import { expect, it } from "vitest";
import { shapeInboundListener } from "../core/effects/shape-inbound.ts";
import { removesCluster, shapeCluster, shapeRouteConfiguration } from "../core/effects/shape-outbound.ts";
import { shapeOwnResources } from "../core/effects/shape-proxy.ts";
import { inboundEffects, outboundEffects, proxyEffects } from "../effects.ts";
import { inbound, outbound, policiesFrom, proxy } from "../testing/policies.ts";

const world = { name: "default", zone: "east", mesh: {}, list: () => [] };
const target = { mesh: "default", zone: "east", service: "db", tags: { "kuma.io/service": "db" }, protocol: "tcp" } as const;
const self = { name: "web-1", address: "10.0.0.1", features: [], ipv6Enabled: true };

function patch(modifications: string, name = "p"): string {
  return `{type: MeshProxyPatch, mesh: default, name: ${name}, spec: {default: {appendModifications: [${modifications}]}}}`;
}

function outboundOf(...modifications: readonly string[]) {
  const policies = policiesFrom(modifications.map((each, index) => patch(each, `p${index}`)).join("\n---\n"));
  const effects = outboundEffects({ subject: proxy(), outbound: outbound("db"), routes: [], world }, (kind) =>
    kind === "MeshProxyPatch" ? policies : [],
  );
  // Without those that hold without any policy.
  return effects.filter(({ kind }) => kind === "MeshProxyPatch");
}

function cluster(...modifications: readonly string[]): Cluster {
  return shapeCluster(edsCluster({ name: "db" }), outboundOf(...modifications), target);
}

function listener(...modifications: readonly string[]): Listener {
  const policies = policiesFrom(modifications.map((each, index) => patch(each, `p${index}`)).join("\n---\n"));
  const effects = inboundEffects({ subject: proxy(), inbound: inbound("web"), world }, (kind) =>
    kind === "MeshProxyPatch" ? policies : [],
  );
  const chain = filterChain({ filters: [tcpProxyFilter({ statPrefix: "x", clusters: [{ cluster: "x", weight: 1 }] })] });
  const json = inboundListener({ address: "10.0.0.1", port: 80, tags: { version: "v1" }, filterChains: [chain] });
  return shapeInboundListener(json, effects, { ...target, address: "10.0.0.1", port: 80 });
}

it("merges a cluster in either spelling, or changes it by JSON patch, where origin and name fit", () => {
  expect(cluster('{cluster: {operation: Patch, match: {origin: outbound}, value: "connect_timeout: 3s"}}').connectTimeout).toBe(
    "3s",
  );
  expect(
    cluster("{cluster: {operation: Patch, match: {name: db}, jsonPatches: [{op: replace, path: /connectTimeout, value: 4s}]}}")
      .connectTimeout,
  ).toBe("4s");
  expect(cluster('{cluster: {operation: Patch, match: {name: other}, value: "connectTimeout: 3s"}}').connectTimeout).toBe("5s");
  expect(outboundOf('{cluster: {operation: Patch, match: {origin: inbound}, value: "connectTimeout: 3s"}}')).toEqual([]);
});

it("lets the smallest name have the last word among equal policies", () => {
  const set = (value: string) => `{cluster: {operation: Patch, value: "connectTimeout: ${value}"}}`;
  expect(cluster(set("1s"), set("2s")).connectTimeout).toBe("1s");
});

it("removes a cluster", () => {
  expect(removesCluster("db", outboundOf("{cluster: {operation: Remove, match: {name: db}}}"), target)).toBe(true);
  expect(removesCluster("db", outboundOf("{cluster: {operation: Remove, match: {name: other}}}"), target)).toBe(false);
});

it("adds filters first, last, before and after others, and removes and patches them", () => {
  const names = (operation: string, match: string) =>
    listener(`{networkFilter: {operation: ${operation}, match: ${match}, value: "name: new"}}`).filterChains[0]?.filters.map(
      ({ name }) => name,
    );
  const tcp = "envoy.filters.network.tcp_proxy";
  expect(names("AddFirst", "{listenerTags: {version: v1}}")).toEqual(["new", tcp]);
  expect(names("AddFirst", "{listenerTags: {version: v2}}")).toEqual([tcp]);
  expect(names("AddLast", "{}")).toEqual([tcp, "new"]);
  expect(names("AddBefore", `{name: ${tcp}}`)).toEqual(["new", tcp]);
  expect(names("AddAfter", `{name: ${tcp}}`)).toEqual([tcp, "new"]);
  expect(names("AddAfter", "{name: absent}")).toEqual([tcp]);
  expect(listener(`{networkFilter: {operation: Remove, match: {name: ${tcp}}}}`).filterChains[0]?.filters).toEqual([]);
});

it("changes virtual hosts of routes that come by RDS too", () => {
  const effects = outboundOf("{virtualHost: {operation: Patch, match: {name: db}, value: 'retryPolicy: {retryOn: 5xx}'}}");
  const routes = { name: "outbound:db", virtualHosts: [{ name: "db", domains: ["*"], routes: [] }] };
  expect(shapeRouteConfiguration(routes, effects, target).virtualHosts[0]?.retryPolicy).toEqual({ retryOn: "5xx" });
});

it("adds clusters to the proxy, and later modifications see them", () => {
  const policies = policiesFrom(
    patch(
      '{cluster: {operation: Add, value: "name: extra"}}, {cluster: {operation: Patch, match: {name: extra}, value: "connectTimeout: 7s"}}',
    ),
  );
  const effects = proxyEffects({ subject: proxy(), world, proxy: self }, (kind) => (kind === "MeshProxyPatch" ? policies : []));
  expect(shapeOwnResources([], effects, { mesh: "default", zone: "east", proxy: self, tagSets: [] })).toMatchObject([
    { origin: "proxy-template-modifications", json: { name: "extra", connectTimeout: "7s" } },
  ]);
});
