import type { Tags } from "@meridian/model";
import { type PermissionPlan, type ProxySubject, planOutbound, planPermission, type RoutePlan } from "@meridian/policies";
import type { InboundFacts } from "../view/dataplane-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";

/** Where an outbound leads: what its config is made from, and what plans tell in words. */
export function outboundRoutes(
  view: MeshView,
  subject: ProxySubject,
  { tags, service }: { readonly tags: Tags; readonly service: string },
): RoutePlan | "cut" {
  const { mesh } = subject;
  const policiesOf = view.outboundPolicies(mesh, service);
  return planOutbound({
    subject,
    outbound: { tags, service, protocol: view.protocol(mesh, service) ?? "unknown" },
    trafficRoutes: policiesOf("TrafficRoute"),
    meshHttpRoutes: policiesOf("MeshHTTPRoute"),
    meshHasTrafficRoutes: view.hasTrafficRoutes(mesh),
  });
}

/** Who may talk to an inbound, in a mesh with mTLS. */
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
