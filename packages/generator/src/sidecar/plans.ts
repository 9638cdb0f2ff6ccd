import type { Tags } from "@meridian/model";
import {
  type ClientPermission,
  clientPermission,
  type OutboundSubject,
  ownDestination,
  type PermissionPlan,
  type PermissionPlanInput,
  type ProxySubject,
  planOutbound,
  planPermission,
  type RoutePlan,
} from "@meridian/policies";
import type { InboundFacts } from "../view/dataplane-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { destinationNames, type OutboundGoal, outboundSubject, resolveDestination } from "./destination-subject.ts";
import { proxyIdentity } from "./proxy-identity.ts";
import { memberPrefixes } from "./proxy-tls.ts";

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
  return planPermission(permissionInput(view, subject, inbound));
}

/** Whether the permissions of an inbound let a client in, and which of them decides. Undefined: none has a say. */
export function inboundClientPermission(
  view: MeshView,
  { subject, inbound }: { readonly subject: ProxySubject; readonly inbound: InboundFacts },
  clientTagSets: readonly Tags[],
): ClientPermission | undefined {
  return clientPermission({ ...permissionInput(view, subject, inbound), clientTagSets });
}

function permissionInput(view: MeshView, subject: ProxySubject, inbound: InboundFacts): PermissionPlanInput {
  const { mesh } = subject;
  const facts = view.mesh(mesh);
  const members = facts && memberPrefixes(view, facts);
  const policiesOf = view.inboundPolicies(mesh, inbound.service);
  return {
    ...{ subject, inbound, mesh },
    // While the mesh has a CA of its own, there may be clients with tags in their certificates.
    knowsIdsOnly: facts?.mtls === undefined && proxyIdentity(view, mesh, subject.labels) !== undefined,
    ...(members && { memberPrefixes: members }),
    trafficPermissions: policiesOf("TrafficPermission"),
    meshTrafficPermissions: policiesOf("MeshTrafficPermission"),
  };
}
