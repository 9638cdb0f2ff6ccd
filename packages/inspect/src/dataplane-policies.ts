import type { DataplaneSpec, Resource } from "@meridian/model";
import { type AttachedPolicies, attachmentReader } from "./attachments.ts";
import { type GatewayView, gatewayView } from "./gateway-view.ts";
import type { MeshInventory } from "./inventory.ts";
import { type Meta, metaOf } from "./meta.ts";
import { type InspectedGateway, type InspectedProxy, proxyReader } from "./proxy.ts";
import { allTargetRefPolicies } from "./selected.ts";
import type { Policy } from "./to-policies.ts";

/**
 * `GET /meshes/{mesh}/dataplanes/{name}/policies`: what each part of a data plane is matched by (reference: rest-api.md section 4).
 * `render` says how a policy is shown.
 */
export function dataplanePolicies(inventory: MeshInventory, dataplane: Resource<DataplaneSpec>): object {
  const proxy = proxyReader(inventory)(dataplane);
  if (isGateway(proxy)) {
    const selected = allTargetRefPolicies(inventory).filter(proxy.selectedBy);
    return { kind: "MeshGatewayDataplane", ...gatewayAnswer(gatewayView(inventory, proxy, selected)) };
  }
  const items = attachmentReader(inventory)(proxy).map(attachmentAnswer);
  return { kind: "SidecarDataplane", total: items.length, items };
}

export function isGateway(proxy: InspectedProxy): proxy is InspectedProxy & { readonly gateway: InspectedGateway } {
  return proxy.gateway !== undefined;
}

function attachmentAnswer({ policies, ...attachment }: AttachedPolicies): object {
  return { ...attachment, matchedPolicies: byKind(policies) };
}

function byKind(policies: readonly Resource[]): Readonly<Record<string, readonly Meta[]>> {
  const metas: Record<string, Meta[]> = {};
  for (const policy of policies) {
    const ofKind = metas[policy.kind] ?? [];
    ofKind.push(metaOf(policy));
    metas[policy.kind] = ofKind;
  }
  return metas;
}

function gatewayAnswer({ gateway, listeners, policies }: GatewayView): object {
  return {
    gateway: { mesh: gateway.mesh, name: gateway.name },
    listeners: listeners.map(({ hosts, ...listener }) => ({
      ...listener,
      hosts: hosts.map(({ hostName, routes }) => ({
        hostName,
        routes: routes.map(({ resource, destinations }) => ({
          route: resource.name,
          destinations: destinations.map((destination) => ({
            tags: destination.tags,
            policies: oneOfEach(destination.policies),
          })),
        })),
      })),
    })),
    policies: oneOfEach(policies),
  };
}

/** The peer's clients expect one policy of each kind here: the last one, which overrides the others. */
function oneOfEach(policies: readonly Policy[] | readonly Resource[]): Readonly<Record<string, Meta>> {
  return Object.fromEntries(policies.map((policy) => [policy.kind, metaOf(policy)]));
}
