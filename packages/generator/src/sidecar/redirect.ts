import type { ProxyDescription } from "../types.ts";
import type { DataplaneFacts } from "../view/dataplane-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";

/**
 * What is known of a proxy's data plane. What the proxy itself says of its host's redirect counts more than its resource (reference:
 * dataplane-protocol.md section 4).
 */
export function dataplaneOf(view: MeshView, { mesh, name, transparentProxy }: ProxyDescription): DataplaneFacts | undefined {
  const facts = view.dataplane(mesh, name);
  if (!facts || !transparentProxy) return facts;
  const inbounds = facts.inbounds.map((inbound) =>
    inbound.isWorkloadImplied ? { ...inbound, workloadAddress: facts.address } : inbound,
  );
  return { ...facts, inbounds, transparentProxy };
}
