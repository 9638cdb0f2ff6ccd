import { describe, expect, it } from "vitest";
import type { Protocol } from "../core/types.ts";
import { withConf } from "../testing/policies.ts";
import {
  clusterDraft,
  commonHttpOptions,
  decideOutbound,
  httpChain,
  lastFilter,
  outboundTarget,
  routeDraft,
  tcpChain,
} from "../testing/targets.ts";
import { legacyTimeouts } from "./apply.ts";

function outbound(conf: string, protocol: Protocol = "http") {
  const decision = decideOutbound(legacyTimeouts, withConf("Timeout", conf), { outbound: { protocol } });
  if (!decision) throw new Error("no decision");
  const target = outboundTarget(protocol);
  const cluster = legacyTimeouts.cluster?.(clusterDraft(protocol), decision.conf, target);
  return {
    connect: cluster?.connectTimeout,
    ...(protocol !== "tcp" && { connections: commonHttpOptions(cluster) }),
    route: legacyTimeouts.route?.(routeDraft, decision.conf, target).route,
    http: lastFilter(legacyTimeouts.chain?.(httpChain, decision.conf, target, {})),
    tcp: lastFilter(legacyTimeouts.chain?.(tcpChain, decision.conf, target, {})),
  };
}

const everything = `{connectTimeout: 2s, tcp: {idleTimeout: 30m},
  http: {requestTimeout: 4s, idleTimeout: 1m, streamIdleTimeout: 5m, maxStreamDuration: 1h}}`;
const grpc = "grpc: {streamIdleTimeout: 7s, maxStreamDuration: 8s}";

describe("Timeout", () => {
  it("sets each timeout where its protocol has it", () => {
    expect(outbound(everything)).toEqual({
      connect: "2s",
      connections: { idleTimeout: "60s", maxStreamDuration: "3600s" },
      route: { cluster: "orders", timeout: "4s" },
      http: { commonHttpProtocolOptions: { idleTimeout: "60s" }, streamIdleTimeout: "300s" },
      tcp: { ...lastFilter(tcpChain), idleTimeout: "1800s" },
    });
    expect(outbound(everything, "tcp")).toMatchObject({ connect: "2s", tcp: { idleTimeout: "1800s" } });
  });

  it("gRPC takes its own section where `http` says nothing", () => {
    expect(outbound(`{http: {requestTimeout: 1s}, ${grpc}}`, "grpc")).toMatchObject({
      connections: { maxStreamDuration: "8s" },
      http: { streamIdleTimeout: "7s" },
    });
    expect(outbound(`{http: {requestTimeout: 1s, streamIdleTimeout: 3s}, ${grpc}}`, "grpc")).toMatchObject({
      http: { streamIdleTimeout: "3s" },
    });
    expect(outbound(`{http: {requestTimeout: 1s}, ${grpc}}`)).toMatchObject({ connections: undefined, http: {} });
  });

  it("leaves out what Envoy would refuse: a time to connect of 0, and negative times", () => {
    expect(outbound("{connectTimeout: 0s, http: {requestTimeout: -1s}}")).toMatchObject({
      connect: "5s",
      route: routeDraft.route,
    });
  });

  it("has no say where a MeshService is the destination", () => {
    const resource = { kind: "MeshService", name: "orders" } as never;
    expect(decideOutbound(legacyTimeouts, withConf("Timeout", everything), { outbound: { resource } })).toBeUndefined();
  });
});
