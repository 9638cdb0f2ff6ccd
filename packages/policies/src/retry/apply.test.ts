import { outboundRouteConfiguration } from "@meridian/envoy";
import { describe, expect, it } from "vitest";
import type { Protocol } from "../core/types.ts";
import { withConf } from "../testing/policies.ts";
import { decideOutbound, lastFilter, outboundTarget, routeDraft, tcpChain } from "../testing/targets.ts";
import { legacyRetries } from "./apply.ts";

const configuration = outboundRouteConfiguration({ name: "outbound:orders", virtualHost: "orders", routes: [routeDraft] });

function policyOf(conf: string, protocol: Protocol) {
  const decision = decideOutbound(legacyRetries, withConf("Retry", conf), { outbound: { protocol } });
  if (!decision) return undefined;
  return legacyRetries.routeConfiguration?.(configuration, decision.conf, outboundTarget(protocol)).virtualHosts[0]?.retryPolicy;
}

describe("Retry", () => {
  it.each([
    [
      "{http: {numRetries: 3, perTryTimeout: 300ms, backOff: {baseInterval: 20ms, maxInterval: 1s}}}",
      {
        retryOn: "gateway-error,connect-failure,refused-stream",
        numRetries: 3,
        perTryTimeout: "0.300s",
        retryBackOff: { baseInterval: "0.020s", maxInterval: "1s" },
      },
    ],
    [
      "{http: {retryOn: [all_5xx, retriable_4xx], retriableStatusCodes: [418], retriableMethods: [GET, PUT]}}",
      {
        retryOn: "5xx,retriable-4xx,retriable-status-codes",
        retriableStatusCodes: [418],
        retriableRequestHeaders: [
          { name: ":method", stringMatch: { exact: "GET" } },
          { name: ":method", stringMatch: { exact: "PUT" } },
        ],
      },
    ],
    [
      "{http: {retryOn: [retriable_status_codes], retriableStatusCodes: [503]}}",
      { retryOn: "retriable-status-codes", retriableStatusCodes: [503] },
    ],
  ])("http %s", (conf, expected) => {
    expect(policyOf(conf, "http")).toEqual(expected);
    expect(policyOf(conf, "http2")).toEqual(expected);
    expect(policyOf(conf, "grpc")).toBeUndefined();
  });

  it("grpc", () => {
    expect(policyOf("{grpc: {retryOn: [deadline_exceeded, cancelled]}}", "grpc")).toEqual({
      retryOn: "deadline-exceeded,cancelled",
    });
    expect(policyOf("{grpc: {numRetries: 2}}", "grpc")).toMatchObject({
      retryOn: expect.stringContaining("unavailable") as string,
    });
  });

  it.each(["tcp", "kafka", "unknown"] as const)("connections: %s", (protocol) => {
    const decision = decideOutbound(legacyRetries, withConf("Retry", "{tcp: {maxConnectAttempts: 4}}"), {
      outbound: { protocol },
    });
    expect(decision && lastFilter(legacyRetries.chain?.(tcpChain, decision.conf, outboundTarget(protocol), {}))).toMatchObject({
      maxConnectAttempts: 4,
    });
  });
});
