import type { Revision } from "./resource.ts";

/** Proxies that a policy applies to. `applied` is the sum of the others. */
export interface PolicyCounts {
  /** Connected proxies whose config the policy has a part in. */
  readonly applied: number;
  /** They have acknowledged the newest config that the policy decided. */
  readonly converged: number;
  /** They have yet to answer. */
  readonly pending: number;
  /** They refuse a config that is put down to the policy, and go on with their last good one. */
  readonly rejected: number;
}

/** What Envoy says against a policy. Equal messages of many proxies are one of these. */
export interface PolicyRejection {
  /** Envoy's own words. */
  readonly message: string;
  /** How many proxies say so. */
  readonly proxies: number;
  /** The first of them, as the zone knows them. */
  readonly proxyNames: readonly string[];
  /** Names of the refused Envoy resources, of one of these proxies. */
  readonly resources: readonly string[];
  /** The newest revision that was refused. */
  readonly revision: Revision;
  /** RFC 3339; when. */
  readonly time: string;
}

/** Why a policy that is valid cannot do for some proxies what it says. */
export interface PolicyRemark {
  readonly message: string;
  readonly proxies: number;
}

/** What one zone says of one policy. A policy that it says nothing of applies to none of its proxies. */
export interface PolicyReport {
  readonly proxies: PolicyCounts;
  readonly rejections: readonly PolicyRejection[];
  readonly notes: readonly PolicyRemark[];
}

/** What a control plane knows of a policy in one zone. */
export interface ZonePolicyReport {
  readonly zone: string;
  readonly status: "online" | "unknown" | "disabled";
  /** RFC 3339; when a zone that is not heard was heard last. Absent when it never connected. */
  readonly lastHeard?: string;
  /** The zone holds the policy as it is now: the report speaks of that, not of what the policy was before. */
  readonly isCurrent: boolean;
  readonly report: PolicyReport;
}

export const noPolicyReport: PolicyReport = {
  proxies: { applied: 0, converged: 0, pending: 0, rejected: 0 },
  rejections: [],
  notes: [],
};

export type PolicyState = "converged" | "pending" | "rejected" | "unknown" | "unapplied";

/** One zone of a `PolicyStatus`. Of a zone that is not heard, nothing counts as converged: `proxies.unknown` is what it said last. */
export interface ZonePolicyStatus extends Omit<PolicyReport, "proxies"> {
  readonly zone: string;
  readonly state: PolicyState | "disabled";
  readonly unknownSince?: string;
  readonly proxies: PolicyCounts & { readonly unknown: number };
}

/** Answer of `GET …/{name}/_status`. */
export interface PolicyStatus {
  readonly type: string;
  readonly mesh?: string;
  readonly name: string;
  /** The revision that wrote the policy last. */
  readonly version: Revision;
  readonly state: PolicyState;
  /** Of all zones that are enabled. */
  readonly proxies: PolicyCounts & { readonly unknown: number };
  readonly zones: readonly ZonePolicyStatus[];
}
