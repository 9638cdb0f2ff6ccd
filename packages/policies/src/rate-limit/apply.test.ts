import { type Route, typed } from "@meridian/envoy";
import { expect, it } from "vitest";
import type { InboundTarget, World } from "../core/effects/targets.ts";
import type { Protocol } from "../core/types.ts";
import { inbound, outbound, policiesFrom, proxy } from "../testing/policies.ts";
import { externalRateLimitHooks, legacyRateLimitHooks } from "./apply.ts";

const world: World = { name: "default", zone: "east", mesh: {}, list: () => [] };
const target: InboundTarget = {
  ...{ mesh: "default", zone: "east", service: "web", tags: {}, protocol: "http", address: "10.0.0.1", port: 8080 },
};
const route: Route = { match: { prefix: "/" }, route: { cluster: "local" } };
const limit = (name: string, sources: string, conf: string) =>
  `{type: RateLimit, mesh: default, name: ${name}, sources: [${sources}], destinations: [{match: {kuma.io/service: web}}], conf: ${conf}}`;
const http = (requests: number, interval = "1s", more = "") => `{http: {requests: ${requests}, interval: ${interval}${more}}}`;

function decide(yaml: string, protocol: Protocol = "http") {
  return legacyRateLimitHooks.decide({
    ...{ subject: proxy(), inbound: { ...inbound("web"), protocol }, world, policies: policiesFrom(yaml) },
  });
}

interface Limited {
  readonly match: { readonly headers?: readonly { readonly stringMatch: { readonly safeRegex: { readonly regex: string } } }[] };
  readonly typedPerFilterConfig?: Readonly<Record<string, { readonly tokenBucket: object }>>;
}

function routed(...documents: readonly string[]) {
  const decision = decide(documents.join("\n---\n"));
  const routes = legacyRateLimitHooks.routes?.([route], decision?.conf ?? [], target) as unknown as readonly Limited[];
  return routes.map(({ match: { headers = [] }, typedPerFilterConfig = {} }) => [
    ...headers.map(({ stringMatch }) => stringMatch.safeRegex.regex),
    ...Object.values(typedPerFilterConfig).map(({ tokenBucket }) => tokenBucket),
  ]);
}

const bucket = (count: number, fillInterval = "1s") => ({ maxTokens: count, tokensPerFill: count, fillInterval });

it("each policy has a route of its own, the one with the most specific first source first", () => {
  expect(
    routed(
      limit("everybody", '{match: {kuma.io/service: "*"}}', http(9)),
      limit("web", "{match: {kuma.io/service: web}}, {match: {team: a}}", http(5)),
      limit("canary", '{match: {version: "*", kuma.io/service: web}}', http(2)),
    ),
  ).toEqual([
    [".*&kuma\\.io/service=(?:[^&]*,)?web[,&].*&version=.*", bucket(2)],
    ["(?:.*&kuma\\.io/service=(?:[^&]*,)?web[,&].*|.*&team=(?:[^&]*,)?a[,&].*)", bucket(5)],
    [bucket(9)],
    [],
  ]);
});

it("counts over a longer time what is too quick for Envoy, and leaves out what is no limit", () => {
  const everybody = '{match: {kuma.io/service: "*"}}';
  expect(routed(limit("p", everybody, http(5, "20ms")))).toEqual([[bucket(15, "0.060s")], []]);
  expect(routed(limit("p", everybody, http(5, "0s")))).toEqual([[]]);
  expect(decide(limit("p", everybody, http(5, "0s")))?.notes).toEqual([
    { policy: "RateLimit/default/p", message: "conf.http.interval: 0s is no time to count in" },
  ]);
  expect(routed(limit("p", everybody, "{}"))).toEqual([[]]);
});

it("answers with the headers in the order that they are written in", () => {
  const more = ", onRateLimit: {status: 451, headers: [{key: a, value: b, append: true}, {key: c, value: d}]}";
  const decision = decide(limit("p", "{match: {team: a}}", http(5, "1s", more)));
  expect(decision?.conf[0]?.limit).toEqual({
    ...{ count: 5, intervalMs: 1000, status: 451 },
    headers: [
      { header: { key: "a", value: "b" }, appendAction: "APPEND_IF_EXISTS_OR_ADD" },
      { header: { key: "c", value: "d" }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" },
    ],
  });
  expect(decision?.notes?.[0]?.message).toContain("451");
});

it("has the filter once, and only where there are requests", () => {
  const manager = {
    name: "envoy.filters.network.http_connection_manager",
    typedConfig: typed("hcm", { httpFilters: [{ name: "router", typedConfig: typed("router") }] }),
  };
  const once = legacyRateLimitHooks.chain?.({ filters: [manager] }, [], { ...target, secured: true });
  expect(JSON.stringify(once).match(/local_ratelimit"/g)).toHaveLength(1);
  expect(once && legacyRateLimitHooks.chain?.(once, [], { ...target, secured: true })).toBe(once);
  const ofTcp = decide(limit("p", "{match: {team: a}}", http(5)), "tcp");
  expect(ofTcp).toEqual({
    ...{ conf: [], origins: ["RateLimit/default/p"] },
    notes: [{ policy: "RateLimit/default/p", message: "web is tcp, which has no requests to limit" }],
  });
  expect(decide(limit("p", "{match: {team: a}}", http(5)).replace("service: web}}]", "service: other}}]"))).toBeUndefined();
});

it("limits at the client what is outside of the mesh, unless an egress does", () => {
  const external = {
    kind: "ExternalService",
    mesh: "default",
    name: "pay",
    spec: { tags: { "kuma.io/service": "pay" } },
  } as never;
  const yaml = limit("p", '{match: {kuma.io/service: "*"}}', http(5)).replace("service: web}}]", "service: pay}}]");
  const decideFor = (service: string, protocol: Protocol, zoneEgress = false) =>
    externalRateLimitHooks.decide({
      ...{ subject: proxy(), outbound: outbound(service, { protocol }), routes: [], policies: policiesFrom(yaml) },
      world: { ...world, mesh: { routing: { zoneEgress } }, list: (kind) => (kind === "ExternalService" ? [external] : []) },
    });
  const { conf, origins } = decideFor("pay", "http") ?? {};
  expect([conf, origins]).toEqual([{ count: 5, intervalMs: 1000, headers: [] }, ["RateLimit/default/p"]]);
  expect(conf && externalRateLimitHooks.route?.(route, conf, target)).toMatchObject({
    typedPerFilterConfig: { "envoy.filters.http.local_ratelimit": { tokenBucket: bucket(5) } },
  });
  expect([decideFor("pay", "tcp"), decideFor("pay", "http", true), decideFor("web", "http")]).toEqual(Array(3).fill(undefined));
});
