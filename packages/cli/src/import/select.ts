import type { ResourceKindAnswer } from "@meridian/client";
import { labelNames } from "@meridian/model";
import type { Candidate } from "./candidate.ts";

/** What stays behind, and why; without a name it is the whole list of a kind. */
export interface LeftBehind {
  readonly kind: string;
  readonly mesh?: string;
  readonly name?: string;
  /** Of a whole list; absent where nobody may count it. */
  readonly count?: number;
  readonly reason: string;
}

/** What the other control plane is; an export does not say. */
export type PeerRole = "global" | "standalone" | "unknown";

/** Why no resource of a kind is taken; undefined when they are looked at one by one. */
export function whyNotKind(known: ResourceKindAnswer | undefined): string | undefined {
  if (!known) return "this control plane does not know the kind";
  if (known.category === "insight") return "written by control planes, from what they see";
  if (known.zoneOwned === true) return "lives in a zone: it comes by itself when the zone connects";
  return undefined;
}

/** The other control plane's own identity towards its proxies and its replicas. */
const ownSecrets = new Set(["envoy-admin-ca", "inter-cp-ca"]);

/** Why one resource of a kind that is taken stays behind all the same. */
export function whyNot(candidate: Candidate, role: PeerRole): string | undefined {
  if (candidate.kind === "GlobalSecret" && ownSecrets.has(candidate.name)) return "belongs to that control plane itself";
  if (!isCopyOfZone(candidate, role)) return undefined;
  const zone = candidate.labels[labelNames.zone];
  return `a copy from ${zone === undefined ? "a zone" : `zone ${zone}`}: it comes by itself when the zone connects`;
}

/**
 * A global holds what zones own only as copies. A control plane without a global marks its originals with the same labels; only the
 * name tells them apart then: a copy's has a suffix, so that two zones may use the same.
 */
function isCopyOfZone({ labels, name }: Candidate, role: PeerRole): boolean {
  if (labels[labelNames.origin] !== "zone" || role === "standalone") return false;
  if (role === "global") return true;
  const original = labels[labelNames.displayName];
  return original !== undefined && original !== name;
}
