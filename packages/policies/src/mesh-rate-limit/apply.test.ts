import { type FilterChain, type Route, typed } from "@meridian/envoy";
import { describe, expect, it } from "vitest";
import { withRequestLimit } from "../core/effects/local-rate-limit.ts";
import type { InboundChainTarget, World } from "../core/effects/targets.ts";
import type { Protocol } from "../core/types.ts";
import { inbound, policiesFrom, proxy } from "../testing/policies.ts";
import { rateLimitHooks } from "./apply.ts";

const world: World = { name: "default", zone: "east", mesh: {}, list: () => [] };
const target: InboundChainTarget = {
  ...{ mesh: "default", zone: "east", service: "web", tags: {}, protocol: "http", address: "10.0.0.1", port: 8080 },
  secured: true,
};
const route: Route = { match: { prefix: "/" }, route: { cluster: "local" } };
const manager = {
  name: "envoy.filters.network.http_connection_manager",
  typedConfig: typed("hcm", { httpFilters: [{ name: "router", typedConfig: typed("router") }] }),
};
const rbac = { name: "envoy.filters.network.rbac", typedConfig: typed("rbac") };

const rule = (local: string, matches = "") => `{${matches}default: {local: ${local}}}`;
const http = (num: number, more = "") => `{http: {requestRate: {num: ${num}, interval: 1s}${more}}}`;
const client = (id: string) => `matches: [{spiffeID: {type: Exact, value: "spiffe://default/${id}"}}], `;
const policy = (rules: string, name = "p") =>
  `{type: MeshRateLimit, mesh: default, name: ${name}, spec: {targetRef: {kind: Mesh, proxyTypes: [Sidecar]}, rules: [${rules}]}}`;

function decide(yaml: string, protocol: Protocol = "http") {
  const decision = rateLimitHooks.decide({
    ...{ subject: proxy(), inbound: { ...inbound("web"), protocol }, world },
    policies: policiesFrom(yaml),
  });
  if (!decision) throw new Error("no decision");
  return decision;
}

/** Of each route: how many clients it is for (0: all others), and requests per interval. */
function limitsOf(routes: readonly Route[]) {
  return routes.map(({ match, typedPerFilterConfig = {} }) => {
    const own = (typedPerFilterConfig as Record<string, { tokenBucket: object; status?: object }>)[
      "envoy.filters.http.local_ratelimit"
    ];
    return [((match["filterState"] ?? []) as object[]).length, own?.tokenBucket, own?.status].filter(
      (each) => each !== undefined,
    );
  });
}

function routed(yaml: string, routes: readonly Route[] = [route]) {
  return limitsOf(rateLimitHooks.routes?.(routes, decide(yaml).conf, target) ?? []);
}

const bucket = (count: number, fillInterval = "1s") => ({ maxTokens: count, tokensPerFill: count, fillInterval });

describe("requests", () => {
  it("are counted at each route, by the strongest policy", () => {
    expect(routed([policy(rule(http(5)), "a"), policy(rule(http(7)), "b")].join("\n---\n"))).toEqual([[0, bucket(5)]]);
  });

  it("of some clients are counted apart, with what holds for all under it", () => {
    const rules = [
      rule(http(5, ", onRateLimit: {status: 503}")),
      rule("{http: {requestRate: {num: 2, interval: 1s}}}", client("a")),
    ];
    expect(routed(policy(rules.join(", ")))).toEqual([
      [1, bucket(2), { code: 503 }],
      [0, bucket(5), { code: 503 }],
    ]);
  });

  it("of some clients may be free", () => {
    expect(routed(policy([rule(http(5)), rule("{http: {disabled: true}}", client("a"))].join(", ")))).toEqual([
      [1],
      [0, bucket(5)],
    ]);
    expect(routed(policy(rule(http(5), client("a"))))).toEqual([[1, bucket(5)], [0]]);
    expect(routed(policy(rule("{http: {disabled: true, requestRate: {num: 5, interval: 1s}}}")))).toEqual([[0]]);
  });

  it("leave an inbound alone that a RateLimit limits", () => {
    const limited = withRequestLimit(route, { count: 1, intervalMs: 1000 });
    expect(routed(policy([rule(http(5)), rule(http(6), client("a"))].join(", ")), [limited, route])).toEqual([
      [0, bucket(1)],
      [0],
    ]);
  });

  it("beyond the limit get status and headers; a status that Envoy does not know is told", () => {
    const headers = "{add: [{name: a, value: b}], set: [{name: c, value: 'd,e'}]}";
    const { conf, notes } = decide(policy(rule(http(5, `, onRateLimit: {status: 430, headers: ${headers}}`))));
    const [limited] = rateLimitHooks.routes?.([route], conf, target) ?? [];
    expect(limited?.["typedPerFilterConfig"]).toMatchObject({
      "envoy.filters.http.local_ratelimit": {
        statPrefix: "rate_limit",
        responseHeadersToAdd: [
          { header: { key: "a", value: "b" }, appendAction: "APPEND_IF_EXISTS_OR_ADD" },
          { header: { key: "c", value: "d,e" }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" },
        ],
      },
    });
    expect(JSON.stringify(limited)).not.toContain("430");
    expect(notes).toEqual([
      {
        policy: "MeshRateLimit/default/p",
        message: "onRateLimit.status: Envoy cannot answer with 430; clients beyond the limit get 429",
      },
    ]);
  });
});

function namesIn(chain: FilterChain, yaml: string, options: Partial<InboundChainTarget> = {}): readonly string[] {
  const { conf } = decide(yaml, options.protocol);
  const { filters } = rateLimitHooks.chain?.(chain, conf, { ...target, ...options }) ?? chain;
  return filters.flatMap(({ name, typedConfig }) => [
    name,
    ...((typedConfig["httpFilters"] ?? []) as { name: string }[]).map((filter) => filter.name),
  ]);
}

describe("filters", () => {
  const network = "envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit";
  const chain = { filters: [rbac, manager] };
  const tcp = rule("{tcp: {connectionRate: {num: 3, interval: 100ms}}}");

  it("count requests before the router, connections behind permissions", () => {
    expect(namesIn(chain, policy([rule(http(1)), tcp].join(", ")))).toEqual([
      ...[rbac.name, network, manager.name],
      ...["envoy.filters.http.local_ratelimit", "router"],
    ]);
    expect(namesIn(chain, policy(tcp))).toEqual([rbac.name, network, manager.name, "router"]);
  });

  it("share what they count among the chains of a listener", () => {
    const { filters } = rateLimitHooks.chain?.(chain, decide(policy(tcp)).conf, target) ?? chain;
    expect(filters[1]?.typedConfig).toMatchObject({
      statPrefix: "tcp_rate_limit",
      tokenBucket: bucket(3, "0.100s"),
      shareKey: "inbound:10.0.0.1:8080",
    });
  });

  it("remember clients where they are known", () => {
    const ofClient = policy(rule(http(1), client("a")));
    expect(namesIn(chain, ofClient)[0]).toBe("envoy.filters.network.set_filter_state");
    expect(namesIn(chain, ofClient, { secured: false })[0]).toBe(rbac.name);
  });

  it("of TCP count connections only, and the policy is told so", () => {
    const bytes = { filters: [{ name: "envoy.filters.network.tcp_proxy", typedConfig: typed("tcp") }] };
    expect(namesIn(bytes, policy([rule(http(1)), tcp].join(", ")), { protocol: "tcp" })).toEqual([
      network,
      "envoy.filters.network.tcp_proxy",
    ]);
    expect(decide(policy(rule(http(1))), "tcp").notes).toEqual([
      { policy: "MeshRateLimit/default/p", message: "local.http: web is tcp, which has no requests to limit" },
    ]);
  });

  it("of a server name need it to be read", () => {
    const listener = { name: "l", address: { pipe: { path: "p" } }, filterChains: [] };
    const byName = policy(rule(http(1), "matches: [{sni: {type: Exact, value: a.b}}], "));
    const read = rateLimitHooks.listener?.(listener, decide(byName).conf, target) ?? listener;
    expect(JSON.stringify(read)).toContain("tls_inspector");
    expect(rateLimitHooks.listener?.(read, decide(byName).conf, target)).toBe(read);
    expect(rateLimitHooks.listener?.(listener, decide(policy(tcp)).conf, target)).toBe(listener);
  });
});
