import { isReferred, meshServicesMode, type ReachableRef, reachableRefs } from "@meridian/services";
import {
  backendOutbound,
  type DataplaneFacts,
  type OutboundFacts,
  type OutboundList,
  outboundList,
} from "../view/dataplane-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { candidates } from "../view/service-ref.ts";

export interface ReachOf {
  readonly mesh: string;
  /** Connections to the addresses of services come to the proxy. */
  readonly takesVips: boolean;
}

const nothing = outboundList([]);

/** The outbounds to real services that a proxy has beside those of its resource (reference: multizone.md section 8). */
export function reachedOutbounds(view: MeshView, { reachable }: DataplaneFacts, { mesh, takesVips }: ReachOf): OutboundList {
  const mode = meshServicesMode(view.mesh(mesh)?.settings);
  const refs = takesVips ? reachableRefs(reachable, { mode, takesVips }) : [];
  if (refs === "all") return view.serviceAddresses(mesh);
  return refs.length === 0 ? nothing : outboundList(refs.flatMap((ref) => referredOutbounds(view, mesh, ref)));
}

/** A reference that fits several services reaches each of them. */
function referredOutbounds(view: MeshView, mesh: string, ref: ReachableRef): readonly OutboundFacts[] {
  return candidates(view, mesh, ref).flatMap(({ kind, name, ports, resource }) => {
    const address = view.serviceAddress(mesh, kind, name);
    if (address === undefined) return [];
    return ports
      .filter(({ port }) => isReferred({ kind, ...ref }, resource, port))
      .map(({ port }) => backendOutbound({ address, port }, { kind, name, port }));
  });
}

/** One of an address and port: what the resource lists wins. */
export function joinOutbounds(listed: OutboundList, reached: OutboundList): readonly OutboundFacts[] {
  const taken = new Set(listed.items.map(({ address, port }) => `${address}:${port}`));
  return [...listed.items, ...reached.items.filter(({ address, port }) => !taken.has(`${address}:${port}`))];
}
