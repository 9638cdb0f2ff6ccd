import { isReferred, meshServicesMode, type ReachableRef, reachableRefs } from "@meridian/services";
import type { DataplaneFacts } from "../view/dataplane-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { backendOutbound, type OutboundFacts, type OutboundList, outboundList } from "../view/outbound-list.ts";
import { candidates } from "../view/resolve-service.ts";

export interface ReachOf {
  readonly mesh: string;
  /** Connections to the addresses of services come to the proxy. */
  readonly takesVips: boolean;
}

/** The outbounds that a proxy has beside those of its resource (reference: multizone.md section 8). */
export function reachedOutbounds(view: MeshView, { reachable }: DataplaneFacts, { mesh, takesVips }: ReachOf): OutboundList {
  if (!takesVips) return joined([]);
  const mode = meshServicesMode(view.mesh(mesh)?.settings);
  const refs = reachableRefs(reachable, { mode, takesVips });
  const named = mode === "Exclusive" ? [] : namedOutbounds(view, mesh, reachable.transparentProxying?.reachableServices ?? []);
  return joined([...named, ...(refs === "all" ? [view.serviceAddresses(mesh)] : referredOutbounds(view, mesh, refs))]);
}

/** At the addresses of host names by tags. @param services none: all of them. */
function namedOutbounds(view: MeshView, mesh: string, services: readonly string[]): readonly OutboundList[] {
  if (services.length === 0) return [view.names(mesh)];
  return [...new Set(services)].sort().map((service) => view.namesOf(mesh, service));
}

/** At the addresses of real services. A reference that fits several services reaches each of them. */
function referredOutbounds(view: MeshView, mesh: string, refs: readonly ReachableRef[]): readonly OutboundList[] {
  const outbounds = refs.flatMap((ref) =>
    candidates(view, mesh, ref).flatMap(({ kind, name, ports, resource }) => {
      const at = view.serviceAddress(mesh, kind, name);
      if (!at) return [];
      return ports
        .filter(({ port }) => isReferred({ kind, ...ref }, resource, port))
        .map(({ port }) => backendOutbound({ ...at, port }, { kind, name, port }));
    }),
  );
  return outbounds.length === 0 ? [] : [outboundList(outbounds)];
}

/** Made on demand: most proxies find that their profile is made already. */
function joined(lists: readonly OutboundList[]): OutboundList {
  const used = lists.filter(({ items }) => items.length > 0);
  return {
    key: used.map(({ key }) => key).join(" "),
    get items() {
      return used.flatMap(({ items }) => items);
    },
  };
}

/** One of an address and port: what the resource lists wins. */
export function joinOutbounds(listed: OutboundList, reached: OutboundList): readonly OutboundFacts[] {
  const byListener = new Map<string, OutboundFacts>();
  for (const outbound of [...listed.items, ...reached.items]) {
    const listener = `${outbound.address}:${outbound.port}`;
    if (!byListener.has(listener)) byListener.set(listener, outbound);
  }
  return [...byListener.values()];
}
