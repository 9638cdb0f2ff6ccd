import { canonicalJson } from "@meridian/model";
import type { Condition, MeshIdentityStatus } from "@meridian/services";

/** What stands in the status of a MeshIdentity, in this order (reference: resources.md section 3, policies-envoy.md section 19). */
export type IdentityCondition = "DependenciesReady" | "SpiffeIDProvider" | "Provider" | "MeshTrustCreated" | "Ready";

export function isTrue(type: IdentityCondition, reason: string, message = ""): Condition {
  return { type, status: "True", reason, message };
}

/** @param message what is wrong and the way out; never with key material in it. */
export function isFalse(type: IdentityCondition, reason: string, message: string): Condition {
  return { type, status: "False", reason, message };
}

export function sameStatus(a: MeshIdentityStatus | undefined, b: MeshIdentityStatus): boolean {
  return canonicalJson(a ?? {}) === canonicalJson(b);
}
