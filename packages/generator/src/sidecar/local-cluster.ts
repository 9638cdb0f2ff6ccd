import { type EncodedResource, localClusterName, socketAddress, staticCluster, typeUrls } from "@meridian/envoy";
import type { Protocol } from "@meridian/policies";
import { baseTimeouts, withCircuitBreakers } from "../base-config.ts";
import type { GenerationContext } from "../parts.ts";
import type { InboundFacts } from "../view/dataplane-facts.ts";

/** The application behind an inbound (reference: policies-envoy.md 0.3). */
export function localCluster(context: GenerationContext, inbound: InboundFacts): EncodedResource {
  const { workloadAddress, workloadPort, protocol } = inbound;
  return context.encoder.share({
    typeUrl: typeUrls.cluster,
    inputs: ["local", workloadAddress, workloadPort, protocol],
    origins: [],
    build: () => {
      const cluster = staticCluster({
        name: localClusterName(workloadPort),
        connectTimeoutMs: baseTimeouts.connectTimeoutMs,
        endpoints: [socketAddress(workloadAddress, workloadPort)],
        ...httpOptions(protocol),
      });
      return withCircuitBreakers(cluster);
    },
  });
}

function httpOptions(protocol: Protocol) {
  const { idleTimeoutMs, grpcInboundIdleTimeoutMs } = baseTimeouts;
  switch (protocol) {
    case "http":
      return { http: { version: "http1", idleTimeoutMs } } as const;
    case "http2":
      return { http: { version: "http2", idleTimeoutMs } } as const;
    case "grpc":
      return { http: { version: "http2", idleTimeoutMs: grpcInboundIdleTimeoutMs } } as const;
    default:
      return {};
  }
}
