import { type FilterChain, type Route, typed } from "@meridian/envoy";
import { describe, expect, it } from "vitest";
import { withPeerRoutes, withPeerState } from "./peer-routes.ts";

const web = { spiffeID: { type: "Exact", value: "spiffe://default/web" } } as const;
const anyone = { spiffeID: { type: "Prefix", value: "spiffe://default/" }, sni: { type: "Exact", value: "a.b" } } as const;
const matched = [
  { match: web, conf: "web" },
  { match: anyone, conf: "anyone" },
];
const named = (route: Route, conf: string): Route => ({ ...route, name: conf });
const route: Route = { match: { prefix: "/" } };

const manager = {
  name: "envoy.filters.network.http_connection_manager",
  typedConfig: typed("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
};
const chain: FilterChain = { filters: [manager] };
const keysOf = (of: FilterChain) =>
  of.filters.map(({ name, typedConfig }) => [
    name.replace("envoy.filters.network.", ""),
    ((typedConfig["onDownstreamTlsHandshake"] ?? []) as { objectKey: string }[]).map(({ objectKey }) => objectKey),
  ]);

describe("withPeerRoutes", () => {
  it("puts a copy for each match before the route, and keeps what is matched already", () => {
    const own = withPeerRoutes([route], matched, { prefix: "kuma.mesh_timeout", edit: named });
    expect(own).toEqual([
      {
        name: "web",
        match: {
          prefix: "/",
          filterState: [
            {
              key: "kuma.mesh_timeout.match.spiffe_id",
              stringMatch: { safeRegex: { regex: "(?:.*,)?spiffe://default/web(?:,.*)?" } },
            },
          ],
        },
      },
      {
        name: "anyone",
        match: {
          prefix: "/",
          filterState: [
            { key: "kuma.mesh_timeout.match.spiffe_id", stringMatch: { safeRegex: { regex: "(?:.*,)?spiffe://default/.*" } } },
            { key: "kuma.mesh_timeout.match.sni", stringMatch: { exact: "a.b" } },
          ],
        },
      },
      route,
    ]);
    const both = withPeerRoutes(own, matched.slice(0, 1), { prefix: "kuma.mesh_rate_limit", edit: named });
    expect(both.map(({ match }) => ((match["filterState"] ?? []) as object[]).length)).toEqual([2, 1, 3, 2, 1, 0]);
  });

  it("takes an id by its letters, not as an expression", () => {
    const match = { spiffeID: { type: "Exact", value: "spiffe://a.b/c" } } as const;
    const [copy] = withPeerRoutes([route], [{ match, conf: "" }], { prefix: "kuma.x", edit: (each) => each });
    expect(JSON.stringify(copy)).toContain(JSON.stringify("(?:.*,)?spiffe://a\\.b/c(?:,.*)?"));
  });
});

describe("withPeerState", () => {
  const options = { prefix: "kuma.mesh_timeout", secured: true } as const;

  it("comes first, and two kinds share one filter", () => {
    const first = withPeerState(chain, matched.slice(0, 1), { prefix: "kuma.mesh_rate_limit", secured: true });
    expect(keysOf(withPeerState(first, matched, options))).toEqual([
      [
        "set_filter_state",
        ["kuma.mesh_rate_limit.match.spiffe_id", "kuma.mesh_timeout.match.spiffe_id", "kuma.mesh_timeout.match.sni"],
      ],
      ["http_connection_manager", []],
    ]);
  });

  it("leaves alone what has no routes, no TLS or no match", () => {
    const tcp: FilterChain = { filters: [{ name: "envoy.filters.network.tcp_proxy", typedConfig: typed("x") }] };
    expect(withPeerState(tcp, matched, options)).toBe(tcp);
    expect(withPeerState(chain, [], options)).toBe(chain);
    expect(withPeerState(chain, matched, { ...options, secured: false })).toBe(chain);
  });
});
