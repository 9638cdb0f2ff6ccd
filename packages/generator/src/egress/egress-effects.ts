import { zoneEgressService } from "@meridian/envoy";
import { tagNames } from "@meridian/model";
import { type OutboundEffect, type OutboundSubject, outboundEffects, type ProxySubject } from "@meridian/policies";
import type { GenerationContext } from "../parts.ts";
import { destinationNames } from "../sidecar/destination-subject.ts";
import { worldOf } from "../sidecar/world.ts";

/** What acts on towards other zones and towards ExternalServices: the rest is the business of each client's own cluster. */
const balancing: readonly string[] = ["MeshLoadBalancingStrategy"];

/** Only here is it known how the servers of a MeshExternalService are (reference: policies-envoy.md section 1). */
const shapingServers: readonly string[] = [...balancing, "MeshCircuitBreaker", "MeshHealthCheck"];

/**
 * What policies want of traffic from an egress to one destination. They are those for every proxy: whoever sent a request, the egress
 * sends it on in the same way.
 */
export function egressEffects(context: GenerationContext, mesh: string, outbound: OutboundSubject): readonly OutboundEffect[] {
  const { view } = context;
  const facts = view.mesh(mesh);
  if (!facts) return [];
  const kinds = outbound.resource?.kind === "MeshExternalService" ? shapingServers : balancing;
  const policiesOf = view.outboundPolicies(mesh, ...destinationNames(outbound));
  const effects = outboundEffects(
    { subject: anyEgress(mesh, view.zone), outbound, routes: [], world: worldOf(context, facts) },
    (kind) => (kinds.includes(kind) ? policiesOf(kind) : []),
  );
  return effects.filter(({ kind }) => kinds.includes(kind));
}

/** All egresses of a zone are alike. */
function anyEgress(mesh: string, zone: string): ProxySubject {
  return { mesh, name: "", zone, labels: {}, tagSets: [{ [tagNames.service]: zoneEgressService }] };
}
