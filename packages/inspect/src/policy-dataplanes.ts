import type { DataplaneSpec, MeshGatewaySpec, Resource } from "@meridian/model";
import { type AttachedPolicies, attachmentReader } from "./attachments.ts";
import { isGateway } from "./dataplane-policies.ts";
import { type GatewayView, gatewayView } from "./gateway-view.ts";
import type { MeshInventory } from "./inventory.ts";
import { type InspectedProxy, proxyReader } from "./proxy.ts";
import { targetRefPolicies } from "./selected.ts";
import { isInbound, type Policy } from "./to-policies.ts";

type Dataplane = Resource<DataplaneSpec>;

/**
 * `GET /meshes/{mesh}/{policies}/{name}/dataplanes`: to which parts of a data plane the policy attaches; undefined where to none. The
 * inventory holds the policies of its kind, TrafficRoutes, MeshHTTPRoutes, gateways and services: what competes or is referred to.
 */
export function policyAttachmentReader(inventory: MeshInventory, policy: Resource): (dataplane: Dataplane) => object | undefined {
  const read = proxyReader(inventory);
  const isIt = ({ kind, name }: Resource) => kind === policy.kind && name === policy.name;
  const attachments = attachmentReader(inventory, new Set([policy.kind]));
  return (dataplane) => {
    const proxy = read(dataplane);
    const named = { mesh: dataplane.mesh, name: dataplane.name };
    if (isGateway(proxy)) {
      const selected = (isTargetRef(policy) ? [policy] : []).filter(proxy.selectedBy);
      return gatewayItem(named, gatewayView(inventory, proxy, selected), isIt);
    }
    const parts = attachments(proxy).filter(({ policies }) => policies.some(isIt));
    return parts.length === 0
      ? undefined
      : { kind: "SidecarDataplane", dataplane: named, attachments: parts.map(withoutPolicies) };
  };
}

/** `…/{policies}/{name}/_resources/dataplanes`: whether a policy has to do with a data plane at all. */
export function policyMatcher(inventory: MeshInventory, policy: Resource): (dataplane: Dataplane) => boolean {
  if (!isTargetRef(policy)) {
    const attachedTo = policyAttachmentReader(inventory, policy);
    return (dataplane) => attachedTo(dataplane) !== undefined;
  }
  const read = proxyReader(inventory);
  return (dataplane) => selectsAnyPart(policy, read(dataplane));
}

/** `GET /meshes/{mesh}/meshgateways/{name}/dataplanes`: the proxies that run the gateway. */
export function gatewayMatcher(inventory: MeshInventory, gateway: Resource): (dataplane: Dataplane) => boolean {
  const read = proxyReader(inventory);
  return (dataplane) => read(dataplane).gateway?.resource.name === gateway.name;
}

/** A policy about inbounds may name one of them (`sectionName`), or tags that only one has. */
function selectsAnyPart(policy: Policy, proxy: InspectedProxy): boolean {
  if (proxy.gateway || !isInbound(policy)) return proxy.selectedBy(policy);
  return (
    proxy.inbounds.some((inbound) => proxy.inboundSelectedBy(policy, inbound)) || (toward(policy) && proxy.selectedBy(policy))
  );
}

function toward({ spec }: Policy): boolean {
  return (spec.to?.length ?? 0) > 0;
}

function isTargetRef(policy: Resource): policy is Policy {
  return targetRefPolicies.some(({ kind }) => kind === policy.kind);
}

function withoutPolicies({ policies: _, ...attachment }: AttachedPolicies): object {
  return attachment;
}

/** The gateway reduced to the routes and destinations that the policy is for; all of it where it is for the whole gateway. */
function gatewayItem(
  dataplane: { readonly mesh: string; readonly name: string },
  view: GatewayView,
  isIt: (resource: Resource) => boolean,
): object | undefined {
  const isForAll = view.policies.some(isIt);
  const listeners = view.listeners
    .map(({ hosts, ...listener }) => ({
      ...listener,
      hosts: hosts
        .map(({ hostName, routes }) => ({
          hostName,
          routes: routes
            .map(({ resource, destinations }) => ({
              route: resource.name,
              destinations: destinations
                .filter(({ policies }) => isForAll || isIt(resource) || policies.some(isIt))
                .map(({ tags }) => tags),
              isNamed: isForAll || isIt(resource),
            }))
            .filter(({ destinations, isNamed }) => destinations.length > 0 || isNamed)
            .map(({ isNamed: _, ...route }) => route),
        }))
        .filter(({ routes }) => routes.length > 0),
    }))
    .filter(({ hosts }) => hosts.length > 0);
  if (!isForAll && listeners.length === 0) return undefined;
  const { mesh, name } = view.gateway as Resource<MeshGatewaySpec>;
  return { kind: "MeshGatewayDataplane", dataplane, gateway: { mesh, name }, listeners };
}
