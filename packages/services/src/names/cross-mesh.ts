import { compareText, isDomainName, type MeshGatewaySpec, type Resource, type Tags, tagNames } from "@meridian/model";
import { identityOf } from "../identity.ts";
import type { NameClaim, NameSettings } from "./claim.ts";

/** Of what other meshes reach: tells listeners of one gateway apart that differ in nothing but their ports. */
export const crossMeshPortTag = "meridian.io/port";

/** A listener that proxies of other meshes come to. */
export interface CrossMeshListener {
  /** "" or with a `*`: it has no host of its own. */
  readonly hostname: string;
  readonly port: number;
  /** Of the gateways behind it, with their mesh. Listeners that share a port have only what all of them have: there, hosts tell. */
  readonly tags: Tags;
}

/** Those of a MeshGateway that says by name which service its gateways are; none for any other kind. */
export function crossMeshListeners({ kind, mesh, spec }: Resource): readonly CrossMeshListener[] {
  if (kind !== "MeshGateway") return [];
  const { selectors = [], tags = {}, conf } = spec as MeshGatewaySpec;
  const listeners = conf.listeners.filter(({ crossMesh, protocol }) => crossMesh && protocol === "HTTP");
  const exact = Object.entries(selectors[0]?.match ?? {}).filter(([, value]) => !value.includes("*"));
  const match = Object.fromEntries(exact);
  if (match[tagNames.service] === undefined) return [];
  const hasOnePort = new Set(listeners.map(({ port }) => port)).size === 1;
  return listeners.map(({ hostname = "", port }) => {
    const together = listeners.filter((other) => other.port === port);
    const shared = commonTags(together.map(({ tags: own }) => ({ ...match, ...tags, ...own })));
    const more = { [tagNames.mesh]: mesh, ...(!hasOnePort && { [crossMeshPortTag]: String(port) }) };
    return { hostname, port, tags: { ...shared, ...more } };
  });
}

/** What all of them have, with equal values. @param tagSets at least one */
export function commonTags([first = {}, ...others]: readonly Tags[]): Tags {
  const common = Object.entries(first).filter(([tag, value]) => others.every((tags) => tags[tag] === value));
  return Object.fromEntries(common);
}

/** How other meshes call the listeners of a MeshGateway (reference: resources-legacy.md section 14). */
export function crossMeshClaims(resource: Resource, { domain }: Pick<NameSettings, "domain">): readonly NameClaim[] {
  const common = `internal.${identityOf(resource).name}.${resource.mesh}.${domain}`;
  return crossMeshListeners(resource).flatMap(({ hostname, port, tags }) => {
    const host = (hostname === "" || hostname.includes("*") ? common : hostname).toLowerCase();
    return isDomainName(host) ? [{ host, port, tags: sorted(tags) }] : [];
  });
}

function sorted(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).sort(([a], [b]) => compareText(a, b)));
}
