import { type EncodedResource, inboundListener, kriSni, tlsInspector, typeUrls } from "@meridian/envoy";
import { labelNames } from "@meridian/model";
import type { GenerationContext, PartUse } from "../parts.ts";
import type { ProxyDescription } from "../types.ts";
import type { DataplaneFacts } from "../view/dataplane-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { nothingToServe } from "./ingress.ts";
import { type ServedPort, servedPortChain, servedPortPart, servedPorts } from "./real-services.ts";

type Listeners = DataplaneFacts["zoneIngresses"];

/**
 * A zone ingress that a mesh has of its own: a listener of a data plane, where other zones come in to the services of that mesh
 * (reference: policies-envoy.md 0.10). Clients of the peer may ask by KRI, ours ask as at any ingress.
 */
export function meshIngressListeners(
  { view, encoder }: GenerationContext,
  proxy: ProxyDescription,
  listeners: Listeners,
): readonly EncodedResource[] {
  if (listeners.length === 0) return [];
  const chains = portsOf(view, proxy.mesh).map((served) => servedPortChain(served, served.port.kri, ...kriNames(served)));
  return listeners.map(({ name, address, port }) => {
    const json = inboundListener({
      ...{ address, port, tags: {}, reusePort: proxy.features.has("feature-reuse-port") },
      listenerFilters: [tlsInspector],
      filterChains: chains.length > 0 ? chains : [nothingToServe(proxy, view.zone)],
    });
    return encoder.encode(typeUrls.listener, { ...json, name: `self_zoneingress_dp_${name}` }, []);
  });
}

/** Their clusters go by KRI, which no outbound of the data plane uses. */
export function meshIngressParts(view: MeshView, mesh: string, listeners: Listeners): readonly PartUse[] {
  if (listeners.length === 0) return [];
  return portsOf(view, mesh).map((served) => ({ part: servedPortPart(served, served.port.kri) }));
}

function portsOf(view: MeshView, mesh: string): readonly ServedPort[] {
  return servedPorts(view).filter((served) => served.mesh === mesh);
}

function kriNames({ mesh, service, port: { section } }: ServedPort): readonly string[] {
  const kind = service.kind === "MeshMultiZoneService" ? "mzsvc" : "msvc";
  const namespace = service.resource.labels[labelNames.namespace];
  const place = service.zone === "" ? {} : { zone: service.zone, ...(namespace !== undefined && { namespace }) };
  const sni = kriSni({ kind, mesh, ...place, name: service.displayName, section });
  return sni === undefined ? [] : [sni];
}
