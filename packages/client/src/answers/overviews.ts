import type { Rejection, Revision } from "@meridian/model";
import type { ResourceAnswer } from "./resources.ts";

/** How many revisions that concern a zone it has not yet converged on, and for how many milliseconds. */
export interface Lag {
  readonly revisions: number;
  readonly ms: number;
}

export interface ZoneOverviewAnswer extends ResourceAnswer {
  readonly status: "online" | "unknown" | "disabled" | "offline";
  readonly unknownSince?: string;
  readonly revision?: Revision;
  readonly convergedRevision?: Revision;
  readonly lag?: Lag;
  readonly proxies?: { readonly connected: number; readonly pending: number; readonly rejected: number };
  readonly rejections?: readonly Rejection[];
}

export interface DataplaneOverviewAnswer extends ResourceAnswer {
  readonly status: "online" | "offline" | "partially_degraded" | "unknown";
  readonly unknownSince?: string;
  readonly zone?: string;
  readonly lag?: Lag;
  readonly rejections?: readonly Rejection[];
}
