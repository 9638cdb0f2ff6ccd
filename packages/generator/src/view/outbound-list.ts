import { createHash } from "node:crypto";
import { type DataplaneSpec, type Tags, tagNames } from "@meridian/model";
import type { InternPool } from "./intern-pool.ts";
import type { ServiceRef } from "./service-ref.ts";
import { sortedTags } from "./tags.ts";

/** One outbound: where a proxy takes connections to one destination. */
export interface OutboundFacts {
  readonly address: string;
  readonly port: number;
  /** "" where it leads to a backend. */
  readonly service: string;
  /** Empty where it leads to a backend. */
  readonly tags: Tags;
  /** A port of a MeshService, MeshExternalService or MeshMultiZoneService. */
  readonly backend?: ServiceRef;
  /** What DNS calls its address: first its own name, then other spellings of it. */
  readonly hosts?: readonly string[];
  /** `keyText` of the VirtualOutbound that made it. */
  readonly by?: string;
  /** False: the transparent proxy's listener hands the connections over. */
  readonly bindToPort?: boolean;
}

/** The same object for all Dataplanes with equal outbounds. */
export interface OutboundList {
  /** Short text that tells the list. */
  readonly key: string;
  /** One of an address and port: the last of several wins. */
  readonly items: readonly OutboundFacts[];
}

/**
 * The outbounds that a Dataplane names itself.
 * @param pool of lists that other Dataplanes have already
 */
export function outboundsOf({ outbound }: DataplaneSpec["networking"], pool: InternPool<OutboundList>): OutboundList {
  const byListener = new Map<string, OutboundFacts>();
  for (const each of outbound ?? []) {
    const { port, tags = {}, backendRef } = each;
    const address = each.address || "127.0.0.1";
    const service = tags[tagNames.service];
    const at = { address, port };
    if (service) byListener.set(`${address}:${port}`, { ...at, service, tags: sortedTags(tags) });
    else if (backendRef) byListener.set(`${address}:${port}`, backendOutbound(at, backendRef as ServiceRef));
  }
  const list = outboundList([...byListener.values()]);
  return pool.get(list.key, () => list);
}

/** An outbound to a real service. */
export function backendOutbound(
  { address, port, hosts = [] }: Pick<OutboundFacts, "address" | "port" | "hosts">,
  backend: ServiceRef,
): OutboundFacts {
  return { address, port, service: "", tags: {}, backend, ...(hosts.length > 0 && { hosts }) };
}

/** Equal outbounds in equal order give an equal key. */
export function outboundList(items: readonly OutboundFacts[]): OutboundList {
  return { key: createHash("sha1").update(JSON.stringify(items)).digest("base64"), items };
}
