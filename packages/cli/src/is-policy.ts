import type { ResourceKindAnswer } from "@meridian/client";

/** Whether a kind shapes proxies and says how far it got: policies do, and some others. */
export function isPolicy({ category, policy, hasPolicyStatus = category === "policy" }: ResourceKindAnswer): boolean {
  return category === undefined ? policy !== undefined : hasPolicyStatus;
}
