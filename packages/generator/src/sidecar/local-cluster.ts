import {
  type EncodedResource,
  localClusterName,
  socketAddress,
  staticCluster,
  transparentSourceAddress,
  typeUrls,
} from "@meridian/envoy";
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
import { isHttp } from "../view/protocol.ts";

export interface LocalClusterOptions {
  readonly inbound: InboundFacts;
  readonly target: InboundTarget;
  readonly effects: readonly InboundEffect[];
  /** The host's firewall redirects connections: the proxy's own need a source address that it lets pass. */
  readonly redirects: boolean;
}

/** The application behind an inbound (reference: policies-envoy.md 0.3). Undefined: a policy removes it. */
export function localCluster(context: GenerationContext, options: LocalClusterOptions): EncodedResource | undefined {
  const { inbound, target, effects, redirects } = options;
  const { workloadAddress, workloadPort, protocol } = inbound;
  if (removesLocalCluster(localClusterName(workloadPort), effects, target)) return undefined;
  const shaping = having(effects, "cluster");
  return context.encoder.share({
    typeUrl: typeUrls.cluster,
    inputs: [
      "local",
      workloadAddress,
      workloadPort,
      protocol,
      redirects,
      ...(shaping.length > 0 ? [target, inputsOf(shaping)] : []),
    ],
    origins: originsOf(shaping),
    build: () => {
      const cluster = staticCluster({
        name: localClusterName(workloadPort),
        connectTimeoutMs: baseTimeouts.localConnectTimeoutMs,
        endpoints: [socketAddress(workloadAddress, workloadPort)],
        ...(redirects && !isLoopback(workloadAddress) && { sourceAddress: transparentSourceAddress(workloadAddress) }),
        ...httpOptions(protocol),
      });
      return shapeLocalCluster(withCircuitBreakers(cluster), shaping, target);
    },
  });
}

function httpOptions(protocol: Protocol) {
  if (!isHttp(protocol)) return {};
  return {
    http: { version: protocol === "http" ? "http1" : "http2", idleTimeoutMs: baseTimeouts.inboundIdleTimeoutMs },
  } as const;
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
