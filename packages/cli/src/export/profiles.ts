import type { ResourceKindAnswer } from "@meridian/client";
import { isInsight } from "../commands/get-all.ts";

/** As kumactl names them (reference: rest-api.md section 9). */
export const profiles = ["federation", "federation-with-policies", "all", "no-dataplanes"] as const;
export type Profile = (typeof profiles)[number];

export function isFederation(profile: Profile): boolean {
  return profile === "federation" || profile === "federation-with-policies";
}

const proxyKinds: readonly string[] = ["Dataplane", "ZoneIngress", "ZoneEgress"];

/**
 * The kinds of a profile, in the order in which their resources are printed: whatever others refer to comes first.
 * @param withSecrets only `all` asks: the other profiles would be of no use without
 */
export function kindsOfProfile(
  kinds: readonly ResourceKindAnswer[],
  profile: Profile,
  withSecrets: boolean,
): readonly ResourceKindAnswer[] {
  return kinds
    .filter((kind) => !isInsight(kind) && isIn(kind, profile, withSecrets))
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

function isIn(kind: ResourceKindAnswer, profile: Profile, withSecrets: boolean): boolean {
  if (profile === "all") return withSecrets || !isSecret(kind);
  if (profile === "no-dataplanes") return !proxyKinds.includes(kind.name);
  if (kind.includeInFederation !== true || kind.name === "MeshGateway") return false;
  return profile === "federation-with-policies" || kind.policy?.isTargetRef !== true;
}

export function isSecret({ name }: ResourceKindAnswer): boolean {
  return name === "Secret" || name === "GlobalSecret";
}

/** Meshes, then their secrets; the keys that sign users' tokens last: with them the writer's own token may end. */
function rank({ name }: ResourceKindAnswer): number {
  return name === "Mesh" ? 0 : name === "Secret" ? 1 : name === "GlobalSecret" ? 3 : 2;
}
