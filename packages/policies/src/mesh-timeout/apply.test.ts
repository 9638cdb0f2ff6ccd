import type { Resource } from "@meridian/model";
import { describe, expect, it } from "vitest";
import type { OutboundSubject, Protocol } from "../core/types.ts";
import {
  clusterDraft,
  commonHttpOptions,
  decideInbound,
  decideOutbound,
  httpChain,
  inboundTarget,
  lastFilter,
  outboundTarget,
  routeDraft,
  tcpChain,
  world,
} from "../testing/targets.ts";
import { inboundTimeouts, outboundTimeouts } from "./apply.ts";

const document = (spec: string, name = "p") => `{type: MeshTimeout, mesh: default, name: ${name}, spec: ${spec}}`;
const toOrders = (conf: string) => document(`{to: [{targetRef: {kind: MeshService, name: orders}, default: ${conf}}]}`);

/** What one outbound gets. */
function outbound(yaml: string, { protocol = "http" as Protocol, resource }: Partial<OutboundSubject> = {}) {
  const decision = decideOutbound(outboundTimeouts, yaml, { outbound: { protocol, ...(resource && { resource }) } });
  if (!decision) throw new Error("MeshTimeout always decides");
  const { conf } = decision;
  const target = outboundTarget(protocol);
  const cluster = outboundTimeouts.cluster?.(clusterDraft(protocol), conf, target);
  return {
    connect: cluster?.connectTimeout,
    ...(cluster?.["typedExtensionProtocolOptions"] !== undefined && { connections: commonHttpOptions(cluster) }),
    route: outboundTimeouts.route?.(routeDraft, conf, target).route,
    http: lastFilter(outboundTimeouts.chain?.(httpChain, conf, target, {})),
    tcp: lastFilter(outboundTimeouts.chain?.(tcpChain, conf, target, {})),
  };
}

const tcpDraft = lastFilter(tcpChain);
const connections = { idleTimeout: "3600s", maxStreamDuration: "0s", maxConnectionDuration: "0s" };
const httpManager = { commonHttpProtocolOptions: { idleTimeout: "0s" }, requestHeadersTimeout: "0s" };

describe("an outbound", () => {
  it("to a service by tag has no limit on requests without a policy, and keeps what a Timeout has set", () => {
    expect(outbound("")).toEqual({ connect: "5s", connections, route: routeDraft.route, http: {}, tcp: tcpDraft });
    const decision = decideOutbound(outboundTimeouts, "");
    if (!decision) throw new Error("MeshTimeout always decides");
    const set = clusterDraft();
    const first = outboundTimeouts.cluster?.({ ...set, connectTimeout: "2s" }, decision.conf, outboundTarget());
    expect(first?.connectTimeout).toBe("2s");
    const again = first && outboundTimeouts.cluster?.(first, decision.conf, outboundTarget());
    expect(again).toEqual(first);
  });

  it("to a MeshService has the defaults without a policy", () => {
    const resource: Resource = { kind: "MeshService", name: "orders" } as Resource;
    expect(outbound("", { resource })).toEqual({
      connect: "5s",
      connections,
      route: { cluster: "orders", timeout: "15s", idleTimeout: "1800s" },
      http: httpManager,
      tcp: { ...tcpDraft, idleTimeout: "3600s" },
    });
  });

  it("has what a policy says, and the defaults for what it leaves open", () => {
    const conf = `{connectionTimeout: 250ms, idleTimeout: 1m, http: {requestTimeout: 2s, maxStreamDuration: 1h,
      maxConnectionDuration: 2h, streamIdleTimeout: 0s, requestHeadersTimeout: 3s}}`;
    expect(outbound(toOrders(conf))).toEqual({
      connect: "0.250s",
      connections: { idleTimeout: "60s", maxStreamDuration: "3600s", maxConnectionDuration: "7200s" },
      route: { cluster: "orders", timeout: "2s", idleTimeout: "0s" },
      http: { commonHttpProtocolOptions: { idleTimeout: "0s" }, requestHeadersTimeout: "3s" },
      tcp: { ...tcpDraft, idleTimeout: "60s" },
    });
    expect(outbound(toOrders("{connectionTimeout: 1s}"))).toMatchObject({
      connect: "1s",
      connections,
      route: { timeout: "15s", idleTimeout: "1800s" },
    });
  });

  it("of gRPC has its connections left alone; of TCP has no HTTP options", () => {
    expect(outbound(toOrders("{idleTimeout: 1m}"), { protocol: "grpc" })).toMatchObject({
      connect: "5s",
      connections: undefined,
      route: { timeout: "15s" },
    });
    expect(outbound(toOrders("{idleTimeout: 1m}"), { protocol: "tcp" })).toMatchObject({ tcp: { idleTimeout: "60s" } });
  });

  it("equal timeouts are equal decisions, however they are written", () => {
    const [one, other] = ["{idleTimeout: 1m}", "{idleTimeout: 60s}"].map(
      (conf) => decideOutbound(outboundTimeouts, toOrders(conf))?.conf,
    );
    expect(one).toEqual(other);
  });

  it("a route that policies name has timeouts of its own", () => {
    const route = { kind: "MeshHTTPRoute", mesh: "default", name: "slow", labels: {} } as unknown as Resource;
    const decision = decideOutbound(
      outboundTimeouts,
      `${document("{to: [{targetRef: {kind: MeshHTTPRoute, name: slow}, default: {http: {requestTimeout: 1m}}}]}")}`,
      { routes: ["MeshHTTPRoute/default/slow"], world: { ...world, list: () => [route] } },
    );
    expect(decision?.conf.isBase).toBe(true);
    expect(decision?.byRoute).toMatchObject({ "MeshHTTPRoute/default/slow": { timeouts: { request: "60s" } } });
  });

  it("a redirect has no timeouts", () => {
    const redirect = { match: { prefix: "/" }, redirect: { hostRedirect: "b" } };
    const decision = decideOutbound(outboundTimeouts, toOrders("{idleTimeout: 1m}"));
    expect(decision && outboundTimeouts.route?.(redirect, decision.conf, outboundTarget())).toEqual(redirect);
  });
});

/** What the inbound gets. */
function inbound(yaml: string) {
  const decision = decideInbound(inboundTimeouts, yaml);
  if (!decision) throw new Error("MeshTimeout always decides");
  const { conf } = decision;
  const cluster = inboundTimeouts.cluster?.(clusterDraft(), conf, inboundTarget());
  const chain = inboundTimeouts.chain?.(httpChain, conf, { ...inboundTarget(), secured: true });
  return {
    connect: cluster?.connectTimeout,
    connections: commonHttpOptions(cluster),
    routes: inboundTimeouts
      .routes?.([routeDraft], conf, inboundTarget())
      .map(({ match, route }) => [Object.keys(match).length > 1 ? "matched" : "all", route?.["timeout"], route?.["idleTimeout"]]),
    filters: chain?.filters.map(({ name }) => name.replace("envoy.filters.network.", "")),
    http: lastFilter(chain),
  };
}

const rule = (conf: string, match = "") => `{${match && `matches: [{spiffeID: ${match}}], `}default: ${conf}}`;

describe("an inbound", () => {
  it("has the defaults without a policy", () => {
    expect(inbound("")).toEqual({
      connect: "5s",
      connections,
      routes: [["all", "15s", "1800s"]],
      filters: ["http_connection_manager"],
      http: httpManager,
    });
  });

  it("has other timeouts for some clients, each with what holds for wider matches", () => {
    const rules = [
      rule("{connectionTimeout: 1s, http: {requestTimeout: 10s}}"),
      rule("{http: {streamIdleTimeout: 5s}}", '{type: Prefix, value: "spiffe://default/"}'),
      rule("{http: {requestTimeout: 1s}}", '{type: Exact, value: "spiffe://default/web"}'),
    ];
    expect(inbound(document(`{rules: [${rules.join(", ")}]}`))).toMatchObject({
      connect: "1s",
      routes: [
        ["matched", "1s", "5s"],
        ["matched", "10s", "5s"],
        ["all", "10s", "1800s"],
      ],
      filters: ["set_filter_state", "http_connection_manager"],
    });
  });

  it("with rules for some clients only keeps what it has for all others", () => {
    const rules = rule("{http: {requestTimeout: 1s}}", '{type: Exact, value: "spiffe://default/web"}');
    expect(inbound(document(`{rules: [${rules}]}`))).toEqual({
      connect: "5s",
      connections: undefined,
      routes: [
        ["matched", "1s", undefined],
        ["all", "0s", undefined],
      ],
      filters: ["set_filter_state", "http_connection_manager"],
      http: {},
    });
  });

  it("`from` for the whole mesh counts as a rule for all", () => {
    const from = document("{from: [{targetRef: {kind: Mesh}, default: {http: {requestTimeout: 3s}}}]}");
    expect(inbound(from)).toMatchObject({ routes: [["all", "3s", "1800s"]] });
  });
});
