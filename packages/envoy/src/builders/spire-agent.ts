import { spireAgentClusterName } from "../names/identity-names.ts";
import { pipeAddress } from "./basics.ts";
import { staticCluster } from "./clusters.ts";
import type { Cluster } from "./types.ts";

export interface SpireAgentOptions {
  /** Of the agent's Unix socket, as the proxy sees it. */
  readonly socketPath: string;
  /** Milliseconds, > 0. */
  readonly connectTimeoutMs: number;
}

/** The SPIRE agent beside a proxy: it serves the proxy's certificate and whom to trust over SDS, which is gRPC. */
export function spireAgentCluster({ socketPath, connectTimeoutMs }: SpireAgentOptions): Cluster {
  const endpoints = [pipeAddress(socketPath)];
  return staticCluster({ name: spireAgentClusterName, connectTimeoutMs, endpoints, http: { version: "http2" } });
}
