import { describe, expect, it } from "vitest";
import type { Protocol } from "../core/types.ts";
import { clusterDraft, decideOutbound, outboundTarget } from "../testing/targets.ts";
import { outboundHealthChecks } from "./apply.ts";

const document = (conf: string) =>
  `{type: MeshHealthCheck, mesh: default, name: p, spec: {to: [{targetRef: {kind: Mesh}, default: ${conf}}]}}`;

function outbound(conf: string, { protocol = "http" as Protocol, draft = {} } = {}) {
  const decision = decideOutbound(outboundHealthChecks, document(conf), { outbound: { protocol } });
  if (!decision) throw new Error("no decision");
  return outboundHealthChecks.cluster?.({ ...clusterDraft(protocol), ...draft }, decision.conf, outboundTarget(protocol));
}

const checks = (conf: string, protocol?: Protocol) => outbound(conf, protocol && { protocol })?.["healthChecks"];
const defaults = { interval: "60s", timeout: "15s", unhealthyThreshold: 5, healthyThreshold: 1 };
const all = "{http: {}, grpc: {serviceName: s, authority: a}, tcp: {}}";

describe("MeshHealthCheck", () => {
  it.each([
    ["http", { httpHealthCheck: { path: "/", codecClientType: "HTTP1" } }],
    ["http2", { httpHealthCheck: { path: "/", codecClientType: "HTTP2" } }],
    ["grpc", { grpcHealthCheck: { serviceName: "s", authority: "a" } }],
    ["tcp", { tcpHealthCheck: {} }],
    ["kafka", { tcpHealthCheck: {} }],
    ["unknown", { tcpHealthCheck: {} }],
  ] as const)("of %s takes the section for it", (protocol, checker) => {
    expect(checks(all, protocol)).toEqual([{ ...defaults, ...checker }]);
  });

  it("a disabled section gives way to tcp; a missing one means no check", () => {
    expect(checks("{http: {disabled: true}, tcp: {}}")).toEqual([{ ...defaults, tcpHealthCheck: {} }]);
    expect(checks("{http: {disabled: true}, tcp: {disabled: true}}")).toBeUndefined();
    expect(checks("{tcp: {}}")).toBeUndefined();
    expect(checks("{http: {}}", "tcp")).toBeUndefined();
  });

  it("of HTTP has a path, headers and the statuses of the healthy", () => {
    const http = `{path: /alive, expectedStatuses: [200, 429],
      requestHeadersToAdd: {set: [{name: x-a, value: "1"}], add: [{name: x-b, value: "2"}]}}`;
    expect(checks(`{http: ${http}}`)).toMatchObject([
      {
        httpHealthCheck: {
          path: "/alive",
          requestHeadersToAdd: [
            { header: { key: "x-a", value: "1" }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" },
            { header: { key: "x-b", value: "2" }, appendAction: "APPEND_IF_EXISTS_OR_ADD" },
          ],
          expectedStatuses: [
            { start: "200", end: "201" },
            { start: "429", end: "430" },
          ],
        },
      },
    ]);
  });

  it("of TCP sends the bytes that base64 stands for, which the peer sends as they are written", () => {
    expect(checks("{tcp: {send: Zm9v, receive: [YmFy, '']}}", "tcp")).toMatchObject([
      { tcpHealthCheck: { send: { text: "666f6f" }, receive: [{ text: "626172" }] } },
    ]);
    expect(checks("{tcp: {send: 'no base64!'}}", "tcp")).toMatchObject([
      { tcpHealthCheck: { send: { text: Buffer.from("no base64!").toString("hex") } } },
    ]);
  });

  it("has every setting", () => {
    const settings = `interval: 10s, timeout: 2s, unhealthyThreshold: 3, healthyThreshold: 2, initialJitter: 1s, intervalJitter: 2s,
      intervalJitterPercent: 10, eventLogPath: /tmp/health.log, alwaysLogHealthCheckFailures: true, noTrafficInterval: 5s,
      reuseConnection: false, healthyPanicThreshold: "12.5", failTrafficOnPanic: true`;
    expect(outbound(`{${settings}, http: {}}`)).toMatchObject({
      healthChecks: [
        {
          ...{ interval: "10s", timeout: "2s", unhealthyThreshold: 3, healthyThreshold: 2, initialJitter: "1s" },
          ...{ intervalJitter: "2s", intervalJitterPercent: 10, alwaysLogHealthCheckFailures: true },
          ...{ noTrafficInterval: "5s", reuseConnection: false },
          eventLogger: [{ name: "envoy.health_check.event_sinks.file", typedConfig: { eventLogPath: "/tmp/health.log" } }],
        },
      ],
      commonLbConfig: { healthyPanicThreshold: { value: 12.5 }, zoneAwareLbConfig: { failTrafficOnPanic: true } },
    });
  });

  it("replaces the check of a HealthCheck: Envoy refuses two", () => {
    expect(outbound(all, { draft: { healthChecks: [{ tcpHealthCheck: {} }] } })?.["healthChecks"]).toHaveLength(1);
  });

  it("cannot refuse traffic in a panic where localities are weighed", () => {
    const draft = { commonLbConfig: { localityWeightedLbConfig: {} } };
    expect(outbound("{failTrafficOnPanic: true, http: {}}", { draft })).toMatchObject(draft);
    expect(outbound("{failTrafficOnPanic: true, http: {}}", { draft })).not.toHaveProperty("commonLbConfig.zoneAwareLbConfig");
  });
});
