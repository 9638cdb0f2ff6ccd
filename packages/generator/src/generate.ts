import type { EncodedResource, TypeUrl } from "@meridian/envoy";
import type { Resource } from "@meridian/model";
import { egressConfig, egressProfile } from "./egress/egress.ts";
import { endpointsResource } from "./endpoints.ts";
import { gatewayConfig } from "./gateway/config.ts";
import { gatewayProfile } from "./gateway/profile.ts";
import { ingressConfig, ingressProfile } from "./ingress/ingress.ts";
import {
  type EndpointsRef,
  type GenerationContext,
  type OwnConfig,
  type PartResources,
  type Profile,
  plainEncoder,
} from "./parts.ts";
import { partListener } from "./sidecar/outbound-listener.ts";
import { sidecarProfile } from "./sidecar/profile.ts";
import type { ProxyConfig, ProxyDescription } from "./types.ts";
import type { MeshView } from "./view/mesh-view.ts";
import { ZoneView } from "./view/zone-view.ts";

export interface MeshViewOptions {
  readonly zone: string;
  readonly resources: Iterable<Resource>;
}

/** A view of these resources, for `generate`: what `plan` and tests use. Their order does not matter. */
export function createMeshView({ zone, resources }: MeshViewOptions): MeshView {
  const view = new ZoneView(zone);
  view.apply([...resources].map((resource) => ({ op: "put", resource })));
  return view;
}

/**
 * The whole config of one proxy from scratch: what the engine must arrive at, whatever way it took.
 * @throws whatever a part throws: there is no last good config to keep.
 */
export function generate(proxy: ProxyDescription, view: MeshView): ProxyConfig {
  const context: GenerationContext = { view, encoder: plainEncoder, sharesProfiles: false };
  const own = ownConfig(context, proxy);
  const resources: MutableResources = new Map();
  addResources(resources, own.resources);
  const endpoints = new Map<string, EndpointsRef>();
  for (const { part, at } of proxyProfile(context, proxy)?.parts() ?? []) {
    const built = part.generate(context);
    const listener = at && built.listener && partListener(plainEncoder, at, built.listener);
    if (listener) addResources(resources, [listener]);
    addResources(resources, built.resources);
    for (const ref of built.endpoints) endpoints.set(ref.name, ref);
  }
  addResources(
    resources,
    [...endpoints.values()].map((ref) => endpointsResource(context, ref)),
  );
  return {
    resources,
    ...(own.identity && { identity: own.identity }),
    ...(own.identities && { identities: own.identities }),
  };
}

/** What belongs to the proxy alone. */
export function ownConfig(context: GenerationContext, proxy: ProxyDescription): OwnConfig {
  if (proxy.type === "dataplane") return gatewayConfig(context, proxy);
  return proxy.type === "ingress" ? ingressConfig(context, proxy) : egressConfig(context, proxy);
}

/** What it shares with others. */
export function proxyProfile(context: GenerationContext, proxy: ProxyDescription): Profile | undefined {
  if (proxy.type === "dataplane") return gatewayProfile(context, proxy) ?? sidecarProfile(context, proxy);
  return proxy.type === "ingress" ? ingressProfile(context, proxy) : egressProfile(context, proxy);
}

export type MutableResources = Map<TypeUrl, Map<string, EncodedResource>>;

/** A later resource replaces an earlier one of the same type and name. */
export function addResources(into: MutableResources, resources: PartResources["resources"]): void {
  for (const resource of resources) {
    const ofType = into.get(resource.typeUrl) ?? new Map<string, EncodedResource>();
    ofType.set(resource.name, resource);
    into.set(resource.typeUrl, ofType);
  }
}
