import type { ApplyAnswer, ApplyRequest } from "./resources.ts";

export interface PlanRequest extends Omit<ApplyRequest, "message" | "dryRun"> {
  /** With the diff of each Envoy resource. */
  readonly envoy?: boolean;
}

export interface PlanAnswer extends Pick<ApplyAnswer, "revision" | "results" | "warnings"> {
  /** Whether an apply would write anything. */
  readonly changed: boolean;
  /** Proxies whose config would change. */
  readonly proxies: number;
  /** What those of them that are connected would be sent. */
  readonly bytes: number;
  readonly zones: readonly {
    readonly zone: string;
    readonly proxies: number;
    readonly changed: number;
    readonly changedOnline: number;
    readonly bytes: number;
  }[];
  readonly summary: readonly PlanLineAnswer[];
  readonly cutOffs: readonly CutOffAnswer[];
  readonly failures: readonly { readonly zone: string; readonly unit: string; readonly message: string }[];
  /** Proxies that change alike, most of them first. */
  readonly groups: readonly {
    readonly proxies: readonly {
      readonly zone: string;
      readonly mesh?: string;
      readonly name: string;
      readonly online: boolean;
    }[];
    readonly bytes: number;
    readonly resources: readonly {
      readonly type: string;
      readonly name: string;
      readonly change: "added" | "changed" | "removed";
      readonly policies: readonly string[];
      /** Unified diff of the YAML; only where asked for. */
      readonly diff?: string;
    }[];
  }[];
  /** So many of the last groups come without diffs. */
  readonly groupsWithoutDiff?: number;
}

export interface PlanLineAnswer {
  readonly about: "routes" | "permissions" | "mesh" | "identity" | "config";
  readonly mesh: string;
  readonly text: string;
  readonly services: readonly string[];
  readonly zones: readonly string[];
  readonly proxies: number;
  /** `Kind/mesh/name` */
  readonly policies: readonly string[];
}

/** Traffic that flows now and would not any more. */
export interface CutOffAnswer extends Omit<PlanLineAnswer, "about" | "services"> {
  readonly from: string;
  readonly to: string;
  readonly extent: "all" | "part";
  readonly reason: "no-route" | "no-endpoints" | "no-egress" | "refused";
}
