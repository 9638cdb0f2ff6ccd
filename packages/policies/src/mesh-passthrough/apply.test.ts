import {
  encodeResource,
  filterChain,
  type Listener,
  passthroughCluster,
  socketAddress,
  tcpProxyFilter,
  typeUrls,
} from "@meridian/envoy";
import { describe, expect, it } from "vitest";
import type { OwnResource } from "../core/effects/hooks.ts";
import { shapeOwnResources } from "../core/effects/shape-proxy.ts";
import { proxyEffects } from "../effects.ts";
import { policiesFrom, proxy } from "../testing/policies.ts";

const world = { name: "default", zone: "east", mesh: {}, list: () => [] };
const self = { name: "web-1", address: "10.0.0.1", features: [], ipv6Enabled: true };

function base(name: string): readonly OwnResource[] {
  const filters = [tcpProxyFilter({ statPrefix: name, clusters: [{ cluster: name, weight: 1 }] })];
  const json: Listener = { name, address: socketAddress("0.0.0.0", 15001), filterChains: [filterChain({ filters })] };
  return [
    { typeUrl: typeUrls.listener, origin: "transparent", json },
    { typeUrl: typeUrls.cluster, origin: "transparent", json: passthroughCluster({ name }) },
  ];
}

const transparent = [...base("outbound:passthrough:ipv4"), ...base("outbound:passthrough:ipv6")];

function shape(conf: string, resources: readonly OwnResource[] = transparent) {
  const policies = policiesFrom(`{type: MeshPassthrough, mesh: default, name: p, spec: {default: ${conf}}}`);
  const effects = proxyEffects({ subject: proxy(), world, proxy: self }, (kind) => (kind === "MeshPassthrough" ? policies : []));
  const shaped = shapeOwnResources(resources, effects, { mesh: "default", zone: "east", proxy: self, tagSets: [] });
  // Every piece must be a valid Envoy message.
  for (const { typeUrl, json } of shaped) encodeResource(typeUrl, json, []);
  const listeners = shaped.filter(({ typeUrl }) => typeUrl === typeUrls.listener).map(({ json }) => json as unknown as Listener);
  const clusters = shaped.filter(({ typeUrl }) => typeUrl === typeUrls.cluster).map(({ json }) => json.name);
  return { listeners, clusters, notes: effects.flatMap(({ decision }) => decision.notes ?? []) };
}

const chainsOf = (conf: string) => shape(conf).listeners[0]?.filterChains.map(({ name }) => name);

describe("passthrough", () => {
  it("leaves a proxy without transparent proxy alone", () => {
    expect(shape("{passthroughMode: None}", []).listeners).toEqual([]);
  });

  it("opens or closes everything: a closed listener stays, and its connections fail for want of a cluster", () => {
    const both = ["outbound:passthrough:ipv4", "outbound:passthrough:ipv6"];
    expect(shape("{passthroughMode: All}").clusters).toEqual(both);
    expect(shape("{passthroughMode: None}").clusters).toEqual([]);
    expect(shape("{passthroughMode: None}").listeners.map(({ name }) => name)).toEqual(both);
    expect(shape("{}").clusters).toEqual([]);
  });

  it("repeats a match for every port at each port that another one names", () => {
    expect(
      chainsOf("{appendMatch: [{type: IP, value: 192.0.2.1}, {type: Domain, value: a.example, port: 443, protocol: tls}]}"),
    ).toEqual(["meshpassthrough_tls_a.example_443", "meshpassthrough_tcp_192.0.2.1_443", "meshpassthrough_tcp_192.0.2.1_*"]);
  });

  it("puts the domains of one HTTP port into one chain, and answers 503 for others", () => {
    const { listeners, clusters } = shape(
      "{appendMatch: [{type: Domain, value: a.example, port: 80, protocol: http}, {type: Domain, value: '*.b.example', port: 80, protocol: http}]}",
    );
    const [chain] = listeners[0]?.filterChains ?? [];
    expect(chain).toMatchObject({
      name: "meshpassthrough_http_80",
      filterChainMatch: { transportProtocol: "raw_buffer", destinationPort: 80, applicationProtocols: ["http/1.1", "h2c"] },
    });
    const config = chain?.filters[0]?.typedConfig as unknown as {
      routeConfig: { virtualHosts: readonly { domains: readonly string[] }[] };
    };
    expect(config.routeConfig.virtualHosts.map(({ domains }) => domains)).toEqual([
      ["a.example", "a.example:80"],
      ["*.b.example", "*.b.example:80"],
      ["*"],
    ]);
    expect(clusters).toEqual(["meshpassthrough_http_80"]);
  });

  it("keeps address families apart", () => {
    const { listeners } = shape("{appendMatch: [{type: CIDR, value: '2001:db8::/32'}, {type: IP, value: 192.0.2.1}]}");
    expect(listeners.map(({ filterChains }) => filterChains.map(({ name }) => name))).toEqual([
      ["meshpassthrough_tcp_192.0.2.1_*"],
      ["meshpassthrough_tcp_2001:db8::/32_*"],
    ]);
  });

  it("switches the inspectors off where the server speaks first", () => {
    const [listener] = shape("{appendMatch: [{type: IP, value: 192.0.2.1, port: 3306, protocol: mysql}]}").listeners;
    expect(listener?.["listenerFilters"]).toMatchObject([
      { name: "envoy.filters.listener.original_dst" },
      { filterDisabled: { destinationPortRange: { start: 3306, end: 3307 } } },
      { filterDisabled: { destinationPortRange: { start: 3306, end: 3307 } } },
    ]);
  });
});
