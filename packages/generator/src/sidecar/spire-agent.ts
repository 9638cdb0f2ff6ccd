import { spireAgentCluster, typeUrls } from "@meridian/envoy";
import { keyText } from "@meridian/model";
import { type GenerationContext, nothing, type OwnConfig } from "../parts.ts";
import type { ProxyDescription } from "../types.ts";
import type { ProxyIdentity } from "./proxy-identity.ts";

/** Where SPIRE's own documents have the agent listen, and where its CSI driver mounts the socket. */
const defaultSocket = "/run/spire/sockets/agent.sock";

export interface SpireAgentOptions {
  readonly context: GenerationContext;
  readonly proxy: ProxyDescription;
  readonly identity: ProxyIdentity | undefined;
}

/** How a proxy reaches the SPIRE agent that issues its certificate. */
export function spireAgent({ context, proxy, identity }: SpireAgentOptions): OwnConfig {
  if (!identity?.spire) return nothing;
  const { connectTimeoutMs } = identity.spire;
  const cluster = spireAgentCluster({ socketPath: proxy.spireSocketPath ?? defaultSocket, connectTimeoutMs });
  return { resources: [context.encoder.encode(typeUrls.cluster, cluster, [keyText(identity.resource)])] };
}
