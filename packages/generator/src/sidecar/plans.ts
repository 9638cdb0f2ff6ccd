import {
  type OutboundSubject,
  ownDestination,
  type PermissionPlan,
  type ProxySubject,
  planOutbound,
  planPermission,
  type RoutePlan,
} from "@meridian/policies";
import type { InboundFacts } from "../view/dataplane-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { destinationNames, type OutboundGoal, outboundSubject, resolveDestination } from "./destination-subject.ts";

/**
 * Where an outbound leads. `"cut"`: nowhere, since the mesh has TrafficRoutes but none fits, so that connections are closed
 * (resources-legacy.md 0.4), or since its backend is not there.
 */
export function outboundPlan(view: MeshView, subject: ProxySubject, to: OutboundGoal): RoutePlan | "cut" {
  const outbound = outboundSubject(view, subject.mesh, to);
  return outbound ? planOf(view, subject, outbound) : "cut";
}

export function planOf(view: MeshView, subject: ProxySubject, outbound: OutboundSubject): RoutePlan | "cut" {
  const { mesh } = subject;
  return planOutbound({
    subject,
    outbound,
    policiesOf: view.outboundPolicies(mesh, ...destinationNames(outbound)),
    meshHasTrafficRoutes: view.hasTrafficRoutes(mesh),
    backendOf: (ref) => {
      const found = resolveDestination(view, mesh, ref);
      return found && { ...ownDestination(found), protocol: found.protocol };
    },
  });
}

/** Who may talk to an inbound, for meshes with mTLS. */
export function inboundPermission(view: MeshView, subject: ProxySubject, inbound: InboundFacts): PermissionPlan {
  const policiesOf = view.inboundPolicies(subject.mesh, inbound.service);
  return planPermission({
    subject,
    inbound,
    mesh: subject.mesh,
    trafficPermissions: policiesOf("TrafficPermission"),
    meshTrafficPermissions: policiesOf("MeshTrafficPermission"),
  });
}
