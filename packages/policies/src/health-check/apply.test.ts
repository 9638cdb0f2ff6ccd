import { describe, expect, it } from "vitest";
import type { Protocol } from "../core/types.ts";
import { withConf } from "../testing/policies.ts";
import { clusterDraft, decideOutbound, outboundTarget } from "../testing/targets.ts";
import { legacyHealthChecks } from "./apply.ts";

const required = "interval: 10s, timeout: 2s, unhealthyThreshold: 3, healthyThreshold: 1";
const fields = { interval: "10s", timeout: "2s", unhealthyThreshold: 3, healthyThreshold: 1 };

function outbound(conf: string, protocol: Protocol = "http") {
  const decision = decideOutbound(legacyHealthChecks, withConf("HealthCheck", `{${required}${conf}}`), {
    outbound: { protocol },
  });
  if (!decision) throw new Error("no decision");
  return legacyHealthChecks.cluster?.(clusterDraft(protocol), decision.conf, outboundTarget(protocol));
}

describe("HealthCheck", () => {
  it("connects when it says nothing else, and exchanges bytes", () => {
    expect(outbound("")?.["healthChecks"]).toEqual([{ ...fields, tcpHealthCheck: {} }]);
    expect(outbound(", tcp: {send: Zm9v, receive: [YmFy]}")?.["healthChecks"]).toEqual([
      { ...fields, tcpHealthCheck: { send: { text: "666f6f" }, receive: [{ text: "626172" }] } },
    ]);
  });

  it.each([
    ["http", "HTTP1"],
    ["http2", "HTTP2"],
    ["grpc", "HTTP1"],
  ] as const)("asks over %s by %s", (protocol, codecClientType) => {
    const headers = "[{header: {key: x-a, value: b}, append: false}, {header: {key: x-c}}]";
    const http = `, http: {path: /alive, expectedStatuses: [204], requestHeadersToAdd: ${headers}}`;
    expect(outbound(http, protocol)?.["healthChecks"]).toEqual([
      {
        ...fields,
        httpHealthCheck: {
          path: "/alive",
          codecClientType,
          expectedStatuses: [{ start: "204", end: "205" }],
          requestHeadersToAdd: [
            { header: { key: "x-a", value: "b" }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" },
            { header: { key: "x-c", value: "" }, appendAction: "APPEND_IF_EXISTS_OR_ADD" },
          ],
        },
      },
    ]);
  });

  it("has a panic threshold, and may refuse traffic below it", () => {
    expect(outbound(", healthyPanicThreshold: 0, failTrafficOnPanic: true")).toMatchObject({
      commonLbConfig: { healthyPanicThreshold: { value: 0 }, zoneAwareLbConfig: { failTrafficOnPanic: true } },
    });
  });
});
