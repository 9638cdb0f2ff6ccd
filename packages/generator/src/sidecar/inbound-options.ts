import type { InboundEffect, InboundTarget, ProxySubject } from "@meridian/policies";
import type { InboundFacts } from "../view/dataplane-facts.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import type { ProxyIdentity } from "./proxy-identity.ts";

/** One inbound of one proxy, and what policies want of it. */
export interface InboundOptions {
  readonly mesh: MeshFacts;
  readonly subject: ProxySubject;
  /** Absent: who the proxy is says the mesh's CA. */
  readonly identity: ProxyIdentity | undefined;
  readonly inbound: InboundFacts;
  readonly target: InboundTarget;
  readonly effects: readonly InboundEffect[];
  readonly ipv6Enabled: boolean;
  readonly reusePort: boolean;
  /** False: the transparent proxy's listener hands the connections over. */
  readonly bindToPort: boolean;
}
