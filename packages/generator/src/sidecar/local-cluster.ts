import { type EncodedResource, localClusterName, socketAddress, staticCluster, typeUrls } from "@meridian/envoy";
import {
  having,
  type InboundEffect,
  type InboundTarget,
  inputsOf,
  originsOf,
  type Protocol,
  removesLocalCluster,
  shapeLocalCluster,
} from "@meridian/policies";
import { baseTimeouts, withCircuitBreakers } from "../base-config.ts";
import type { GenerationContext } from "../parts.ts";
import type { InboundFacts } from "../view/dataplane-facts.ts";

export interface LocalClusterOptions {
  readonly inbound: InboundFacts;
  readonly target: InboundTarget;
  readonly effects: readonly InboundEffect[];
}

/** The application behind an inbound (reference: policies-envoy.md 0.3). Undefined: a policy removes it. */
export function localCluster(context: GenerationContext, options: LocalClusterOptions): EncodedResource | undefined {
  const { inbound, target, effects } = options;
  const { workloadAddress, workloadPort, protocol } = inbound;
  if (removesLocalCluster(localClusterName(workloadPort), effects, target)) return undefined;
  const shaping = having(effects, "cluster");
  return context.encoder.share({
    typeUrl: typeUrls.cluster,
    inputs: ["local", workloadAddress, workloadPort, protocol, ...(shaping.length > 0 ? [target, inputsOf(shaping)] : [])],
    origins: originsOf(shaping),
    build: () => {
      const cluster = staticCluster({
        name: localClusterName(workloadPort),
        connectTimeoutMs: baseTimeouts.connectTimeoutMs,
        endpoints: [socketAddress(workloadAddress, workloadPort)],
        ...httpOptions(protocol),
      });
      return shapeLocalCluster(withCircuitBreakers(cluster), shaping, target);
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
