import { type FilterChain, inboundListener, tlsInspector, typeUrls, zoneEgressService } from "@meridian/envoy";
import { compareText, tagNames } from "@meridian/model";
import { type GenerationContext, nothing, type OwnConfig, type PartUse, type Profile } from "../parts.ts";
import { identityNeed } from "../sidecar/identity.ts";
import { egressTls } from "../sidecar/proxy-tls.ts";
import type { IdentityNeed, ProxyDescription } from "../types.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { egressIdentity } from "./egress-identity.ts";
import { outsidePortChain, outsidePortPart } from "./outside-port.ts";
import { type EgressPlace, outsideServiceChains, outsideServicePart, type ServedOutside } from "./outside-service.ts";
import { passingChains, passingPart, passingPortChain, passingPortPart } from "./passing.ts";
import { outsidePorts, outsideServices, passedPorts, passedServices } from "./served.ts";

/**
 * A zone egress: one filter chain for each server name that proxies of the zone ask for. What leads to other zones passes as it is; TLS
 * of the mesh ends where a request leaves the mesh (reference: policies-envoy.md 0.10). No listener while there is nothing to serve.
 */
export function egressConfig(context: GenerationContext, proxy: ProxyDescription): OwnConfig {
  const { view } = context;
  const egress = view.zoneEgress(proxy.name);
  if (!egress) return nothing;
  const outside = servedOutside(context, { egress, ipv6Enabled: proxy.ipv6Enabled !== false });
  const passing = [
    ...passedServices(view).flatMap((service) => passingChains(view, service)),
    ...passedPorts(view).map(passingPortChain),
  ];
  const filterChains = distinct([...outside.flatMap(({ chains }) => chains), ...passing]);
  if (filterChains.length === 0) return nothing;
  const json = inboundListener({
    ...{ address: egress.address, port: egress.port, tags: {}, filterChains },
    reusePort: proxy.features.has("feature-reuse-port"),
    listenerFilters: [tlsInspector],
  });
  const origins = [...new Set(outside.flatMap((served) => served.origins))].sort(compareText);
  const notes = outside.flatMap((served) => served.notes);
  return {
    resources: [context.encoder.encode(typeUrls.listener, json, origins, trustBundles(view))],
    identities: identities(view),
    ...(notes.length > 0 && { notes }),
  };
}

/** All egresses of the zone lead to the same places, and trust the CAs of their own hosts. */
export function egressProfile({ view }: GenerationContext, proxy: ProxyDescription): Profile | undefined {
  if (!view.zoneEgress(proxy.name)) return undefined;
  const { systemCaPath } = proxy;
  const parts = [
    ...passedServices(view).map(passingPart),
    ...passedPorts(view).map(passingPortPart),
    ...outsideServices(view).map(outsideServicePart),
    ...outsidePorts(view).map((found) => outsidePortPart(found, systemCaPath)),
  ];
  const uses: readonly PartUse[] = parts.map((part) => ({ part }));
  return { key: `zone egress ${systemCaPath ?? ""}`, parts: () => uses, partsVary: true };
}

function servedOutside(context: GenerationContext, place: EgressPlace): readonly ServedOutside[] {
  const { view } = context;
  return [
    ...outsideServices(view).map((service) => outsideServiceChains(context, service, place)),
    ...outsidePorts(view).map((found) => outsidePortChain(context, found, place)),
  ];
}

/** SDS names of whom it believes beside the CAs of meshes. */
function trustBundles(view: MeshView): readonly string[] {
  return meshesEndingHere(view).flatMap((mesh) => egressTls(view, mesh)?.secrets.trust ?? []);
}

function meshesEndingHere(view: MeshView): readonly string[] {
  return [...new Set([...outsideServices(view), ...outsidePorts(view)].map(({ mesh }) => mesh))].sort(compareText);
}

/** One certificate for each mesh whose TLS ends here (reference: multizone.md section 4, identities). */
function identities(view: MeshView): readonly IdentityNeed[] {
  return meshesEndingHere(view).flatMap((name) => {
    const given = egressIdentity(view, name);
    if (given) {
      const { kri, spiffeId } = given;
      return [{ mesh: name, backend: kri, services: [], tags: [], given: { identity: given.name, spiffeId } }];
    }
    const backend = view.mesh(name)?.mtls?.backend;
    return backend === undefined ? [] : [identityNeed(name, backend, [{ [tagNames.service]: zoneEgressService }])];
  });
}

/** Envoy compares server names in lower case and refuses a listener that has one twice, or the name of a chain. */
function distinct(chains: readonly FilterChain[]): readonly FilterChain[] {
  const taken = new Set<string>();
  return chains.filter(({ name, filterChainMatch }) => {
    const serverNames = (filterChainMatch?.["serverNames"] ?? []) as readonly string[];
    const keys = [...serverNames.map((each) => `sni ${each.toLowerCase()}`), ...(name ? [`chain ${name}`] : [])];
    if (keys.some((key) => taken.has(key))) return false;
    for (const key of keys) taken.add(key);
    return true;
  });
}
