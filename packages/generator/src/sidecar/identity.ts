import { type Tags, tagNames } from "@meridian/model";
import type { IdentityNeed } from "../types.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import { valuesByTag } from "../view/tags.ts";
import type { ProxyIdentity } from "./proxy-identity.ts";

/** Who issues a proxy's certificate, and what is in it. Undefined: it needs none of the zone. */
export function proxyNeed(
  { name, mtls }: MeshFacts,
  identity: ProxyIdentity | undefined,
  tagSets: readonly Tags[],
): IdentityNeed | undefined {
  if (!identity) return mtls && identityNeed(name, mtls.backend, tagSets);
  const { spire, kri, spiffeId, resource } = identity;
  return spire ? undefined : { mesh: name, backend: kri, services: [], tags: [], given: { identity: resource.name, spiffeId } };
}

/** One certificate speaks for all inbounds of a proxy (reference: dataplane-protocol.md section 15). */
export function identityNeed(mesh: string, backend: string, tagSets: readonly Tags[]): IdentityNeed {
  const byTag = valuesByTag(tagSets);
  const services = byTag.find(([tag]) => tag === tagNames.service)?.[1] ?? [];
  return { mesh, backend, services, tags: byTag.flatMap(([tag, values]) => values.map((value) => [tag, value] as const)) };
}
