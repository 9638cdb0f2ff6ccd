import { outboundRouteConfiguration } from "@meridian/envoy";
import type { Resource } from "@meridian/model";
import { describe, expect, it } from "vitest";
import type { Protocol } from "../core/types.ts";
import { decideOutbound, lastFilter, outboundTarget, routeDraft, tcpChain, world } from "../testing/targets.ts";
import { outboundRetries } from "./apply.ts";

const document = (to: string) => `{type: MeshRetry, mesh: default, name: p, spec: {to: [${to}]}}`;
const toOrders = (conf: string) => document(`{targetRef: {kind: MeshService, name: orders}, default: ${conf}}`);
const configuration = outboundRouteConfiguration({ name: "outbound:orders", virtualHost: "orders", routes: [routeDraft] });

/** What one outbound gets: `host` is what routes without a policy of their own have. */
function outbound(conf: string, protocol: Protocol = "http") {
  const decision = decideOutbound(outboundRetries, toOrders(conf), { outbound: { protocol } });
  if (!decision) throw new Error("no decision");
  const target = outboundTarget(protocol);
  return {
    route: outboundRetries.route?.(routeDraft, decision.conf, target).route?.["retryPolicy"],
    host: outboundRetries.routeConfiguration?.(configuration, decision.conf, target).virtualHosts[0]?.retryPolicy,
    attempts: (lastFilter(outboundRetries.chain?.(tcpChain, decision.conf, target, {})) as { maxConnectAttempts?: number })
      .maxConnectAttempts,
  };
}

const builtIn = configuration.virtualHosts[0]?.retryPolicy;
const policyOf = (http: string, protocol?: Protocol) => outbound(`{http: ${http}}`, protocol).route;

describe("retries", () => {
  it("of requests that never reached a server stay where no policy applies", () => {
    expect(decideOutbound(outboundRetries, "")).toBeUndefined();
    expect(outbound("{tcp: {maxConnectAttempt: 3}}")).toMatchObject({ route: undefined, host: builtIn });
    expect(builtIn).toMatchObject({ retryOn: "connect-failure,refused-stream" });
  });

  it("numRetries 0: none at all", () => {
    expect(outbound("{http: {numRetries: 0}}")).toEqual({ route: undefined, host: undefined, attempts: undefined });
  });

  it("of http and http2 have the section http", () => {
    const expected = { retryOn: "gateway-error,connect-failure,refused-stream", numRetries: 2 };
    expect(outbound("{http: {numRetries: 2}}")).toEqual({ route: expected, host: undefined, attempts: undefined });
    expect(policyOf("{numRetries: 2}", "http2")).toEqual(expected);
  });

  it.each([
    ["{retryOn: [5XX, Reset, Retriable4xx, EnvoyRatelimited]}", { retryOn: "5xx,reset,retriable-4xx,envoy-ratelimited" }],
    [
      "{retryOn: [GatewayError, '503', '429']}",
      { retryOn: "gateway-error,retriable-status-codes", retriableStatusCodes: [503, 429] },
    ],
    [
      "{retryOn: [HttpMethodGet]}",
      {
        retryOn: "gateway-error,connect-failure,refused-stream",
        retriableRequestHeaders: [{ name: ":method", stringMatch: { exact: "GET" } }],
      },
    ],
    [
      "{retryOn: [RefusedStream, ConnectFailure, Http3PostConnectFailure], perTryTimeout: 500ms}",
      { retryOn: "refused-stream,connect-failure,http3-post-connect-failure", perTryTimeout: "0.500s" },
    ],
    [
      "{backOff: {maxInterval: 1s}, retryOn: [5xx]}",
      { retryOn: "5xx", retryBackOff: { baseInterval: "0.025s", maxInterval: "1s" } },
    ],
    // Envoy refuses a longest pause that is shorter than the first.
    [
      "{backOff: {baseInterval: 2s, maxInterval: 1s}, retryOn: [5xx]}",
      { retryOn: "5xx", retryBackOff: { baseInterval: "2s", maxInterval: "2s" } },
    ],
    [
      "{retryOn: [5xx], rateLimitedBackOff: {maxInterval: 3s, resetHeaders: [{name: retry-after, format: Seconds}]}}",
      {
        retryOn: "5xx",
        rateLimitedRetryBackOff: { resetHeaders: [{ name: "retry-after", format: "SECONDS" }], maxInterval: "3s" },
      },
    ],
    ["{retryOn: [5xx], rateLimitedBackOff: {resetHeaders: []}}", { retryOn: "5xx" }],
    [
      "{retryOn: [5xx], retriableResponseHeaders: [{type: Present, name: x-again}], retriableRequestHeaders: [{name: x-safe, value: y}]}",
      {
        retryOn: "5xx,retriable-headers",
        retriableHeaders: [{ name: "x-again", presentMatch: true }],
        retriableRequestHeaders: [{ name: "x-safe", stringMatch: { exact: "y" } }],
      },
    ],
  ])("http %s", (http, expected) => {
    expect(policyOf(http)).toEqual(expected);
  });

  it("keep away from hosts", () => {
    const selection =
      "[{predicate: OmitPreviousHosts}, {predicate: OmitHostsWithTags, tags: {version: v1}}, {predicate: OmitPreviousPriorities}]";
    expect(policyOf(`{hostSelection: ${selection}, hostSelectionMaxAttempts: 4}`)).toMatchObject({
      retryHostPredicate: [
        { name: "envoy.retry_host_predicates.previous_hosts" },
        {
          name: "envoy.retry_host_predicates.omit_host_metadata",
          typedConfig: { metadataMatch: { filterMetadata: { "envoy.lb": { version: "v1" } } } },
        },
      ],
      retryPriority: { name: "envoy.retry_priorities.previous_priorities", typedConfig: { updateFrequency: 2 } },
      hostSelectionRetryMaxAttempts: "4",
    });
  });

  it("of gRPC have statuses in Envoy's words", () => {
    expect(outbound("{grpc: {retryOn: [Canceled, DeadlineExceeded]}}", "grpc").route).toEqual({
      retryOn: "cancelled,deadline-exceeded",
    });
    expect(outbound("{grpc: {numRetries: 1}}", "grpc").route).toEqual({
      retryOn: "cancelled,connect-failure,gateway-error,refused-stream,reset,resource-exhausted,unavailable",
      numRetries: 1,
    });
  });

  it.each(["tcp", "kafka", "unknown"] as const)("of connections: %s", (protocol) => {
    expect(outbound("{tcp: {maxConnectAttempt: 7}, http: {numRetries: 2}}", protocol)).toMatchObject({ attempts: 7 });
  });

  it("of a route that policies name replace those of the service; without a section they stay", () => {
    const routes = ["off", "other", "tcp-only"].map((name) => `MeshHTTPRoute/default/${name}`);
    const toRoute = (name: string, conf: string) => `{targetRef: {kind: MeshHTTPRoute, name: ${name}}, default: ${conf}}`;
    const entries = [
      toRoute("off", "{http: {numRetries: 0}}"),
      toRoute("other", "{http: {numRetries: 9}}"),
      toRoute("tcp-only", "{tcp: {maxConnectAttempt: 1}}"),
    ];
    const known = ["off", "other", "tcp-only"].map(
      (name) => ({ kind: "MeshHTTPRoute", mesh: "default", name, labels: {} }) as unknown as Resource,
    );
    const service = "{targetRef: {kind: MeshService, name: orders}, default: {http: {numRetries: 3}}}";
    const decide = (yaml: string) => decideOutbound(outboundRetries, yaml, { routes, world: { ...world, list: () => known } });
    expect(decide(document([service, ...entries].join(", ")))).toMatchObject({
      conf: { policy: { numRetries: 3 } },
      byRoute: {
        "MeshHTTPRoute/default/off": { policy: {} },
        "MeshHTTPRoute/default/other": { policy: { numRetries: 9 } },
        "MeshHTTPRoute/default/tcp-only": { policy: { numRetries: 3 } },
      },
    });
    expect(decide(document(entries.join(", ")))?.conf).toEqual({});
  });

  it("a redirect has nothing to try again", () => {
    const redirect = { match: { prefix: "/" }, redirect: { hostRedirect: "b" } };
    expect(outboundRetries.route?.(redirect, { policy: { numRetries: 1 } }, outboundTarget())).toEqual(redirect);
  });
});
