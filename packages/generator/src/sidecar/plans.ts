import type { Tags } from "@meridian/model";
import { type PermissionPlan, type ProxySubject, planOutbound, planPermission, type RoutePlan } from "@meridian/policies";
import type { InboundFacts } from "../view/dataplane-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";

/** Where an outbound leads. `"cut"`: the mesh has TrafficRoutes but none fits, so connections are closed (resources-legacy.md 0.4). */
export function outboundPlan(
  view: MeshView,
  subject: ProxySubject,
  { tags, service }: { readonly tags: Tags; readonly service: string },
): RoutePlan | "cut" {
  const { mesh } = subject;
  return planOutbound({
    subject,
    outbound: { tags, service, protocol: view.protocol(mesh, service) ?? "unknown" },
    policiesOf: view.outboundPolicies(mesh, service),
    meshHasTrafficRoutes: view.hasTrafficRoutes(mesh),
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
