import type { Revision } from "./resource.ts";

/** A proxy's refusal of a config, put down to the policy that caused it. The proxy goes on with its last good config. */
export interface Rejection {
  readonly mesh: string;
  readonly proxy: string;
  readonly typeUrl: string;
  /** Names of the refused Envoy resources. */
  readonly resources: readonly string[];
  /** Envoy's own words. */
  readonly message: string;
  /** `keyText` of each policy that shaped the refused resources and changed since the last good config. */
  readonly policies: readonly string[];
  readonly revision: Revision;
  /** RFC 3339. */
  readonly time: string;
}

/** What one zone says about its proxies at one moment; revisions are the global's. */
export interface ZoneProgress {
  /** The newest revision that the zone holds and has generated from. */
  readonly revision: Revision;
  /** Every proxy has acknowledged everything up to this revision. Equal to `revision` when nothing is pending. */
  readonly convergedRevision: Revision;
  readonly proxies: { readonly connected: number; readonly pending: number; readonly rejected: number };
  readonly rejections: readonly Rejection[];
}

/** What the global knows of a zone. Not heard of means `unknown`, with its age: never `online`. */
export interface ZoneConvergence extends ZoneProgress {
  readonly zone: string;
  readonly status: "online" | "unknown" | "disabled";
  /** RFC 3339; when the zone was heard last (`unknown since`). Absent when it never connected. */
  readonly lastHeard?: string;
  /** How many revisions that concern this zone it has not yet converged on, and for how long. */
  readonly behindRevisions: number;
  readonly behindMs: number;
  /** Why the zone could not apply what it was sent last; absent when it could. */
  readonly syncError?: string;
}

/** Answer of `GET /convergence`; `GET /convergence?revision=R&wait=true` streams these as server-sent events until converged. */
export interface ConvergenceReport {
  /** The revision asked for, or the newest one. */
  readonly revision: Revision;
  /** Every enabled zone that is online has converged on `revision`, and none has a rejection of it. */
  readonly converged: boolean;
  readonly zones: readonly ZoneConvergence[];
}
