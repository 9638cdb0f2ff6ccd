import type { Rejection, Revision } from "@meridian/model";

/** Shapes of the API's answers (reference: rest-api.md), as far as clients read them. */
export interface IndexAnswer {
  readonly product: string;
  readonly version: string;
  readonly hostname: string;
  readonly instanceId: string;
  readonly clusterId?: string;
  readonly mode?: "global" | "zone" | "standalone";
  readonly zone?: string;
}

export interface ResourceKindAnswer {
  /** `TrafficRoute` */
  readonly name: string;
  /** `traffic-routes` */
  readonly path: string;
  readonly scope: "Mesh" | "Global";
  readonly shortName?: string;
  readonly singularDisplayName: string;
  readonly pluralDisplayName: string;
  readonly readOnly: boolean;
  readonly includeInFederation?: boolean;
  readonly policy?: { readonly isTargetRef: boolean };
  /** Meridian says this, its peer does not: `insight` is what control planes write, `secret` what only admins see. */
  readonly category?: "core" | "policy" | "secret" | "insight";
  /** Meridian only: it lives in a zone, the global holds copies. */
  readonly zoneOwned?: boolean;
  /** Meridian only: `_status` says how far it got. */
  readonly hasPolicyStatus?: boolean;
}

export interface ResourceAnswer {
  readonly type: string;
  readonly mesh?: string;
  readonly name: string;
  readonly creationTime?: string;
  readonly modificationTime?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface ListAnswer<T = ResourceAnswer> {
  readonly total: number;
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface ApplyRequest {
  readonly documents: readonly unknown[];
  readonly deletes?: readonly { readonly type: string; readonly mesh?: string; readonly name: string }[];
  readonly message?: string;
  readonly dryRun?: boolean;
  /** Mesh of documents that name none. */
  readonly mesh?: string;
  /** Default true; false: meshes that are created get no default policies, as the documents say all there is. */
  readonly initialPolicies?: boolean;
}

export interface ApplyAnswer {
  readonly revision: Revision;
  readonly dryRun?: boolean;
  /** What concerns no single document. */
  readonly warnings?: readonly string[];
  readonly results: readonly {
    readonly kind: string;
    readonly mesh: string;
    readonly name: string;
    readonly outcome: "created" | "updated" | "unchanged" | "deleted" | "absent";
    readonly warnings: readonly string[];
  }[];
}

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

/** Which request to explain; `header` holds `name:value`s. */
export interface ExplainRequest {
  readonly from: string;
  readonly to: string;
  readonly path?: string;
  readonly method?: string;
  readonly header?: readonly string[];
  readonly zone?: string;
}

/** The way of a request, as far as a command line shows it; the rest is passed on as it comes. */
export interface ExplainAnswer {
  readonly revision: Revision;
  readonly verdict: {
    readonly outcome: "reaches" | "partly" | "blocked" | "answered" | "unknown";
    readonly text: string;
    readonly status?: number;
    /** `Kind/mesh/name`. */
    readonly policies: readonly string[];
  };
  readonly steps: readonly {
    readonly step: string;
    readonly title: string;
    /** Absent: neither good nor bad, or not known. */
    readonly ok?: boolean;
    readonly lines: readonly string[];
  }[];
  readonly settings: readonly {
    readonly about: string;
    readonly where: string;
    readonly name: string;
    readonly value: string;
    readonly origin: "policy" | "default" | "envoy";
    readonly policies: readonly string[];
  }[];
}

export interface DataplaneOverviewAnswer extends ResourceAnswer {
  readonly status: "online" | "offline" | "partially_degraded" | "unknown";
  readonly unknownSince?: string;
  readonly zone?: string;
  readonly lag?: Lag;
  readonly rejections?: readonly Rejection[];
}

/** One change of a revision, or what a rollback did to one resource. */
export interface ResourceChangeAnswer {
  readonly outcome: "created" | "updated" | "unchanged" | "deleted" | "absent";
  readonly type: string;
  readonly mesh?: string;
  readonly name: string;
}

export interface HistoryChangeAnswer extends ResourceChangeAnswer {
  readonly op: "put" | "delete";
  /** What an update changed, where one resource was asked for; values as short text. */
  readonly fields?: readonly { readonly path: string; readonly before?: string; readonly after?: string }[];
  readonly fieldCount?: number;
}

export interface RevisionAnswer {
  readonly revision: Revision;
  readonly time: string;
  readonly author: string;
  readonly address?: string;
  readonly message?: string;
}

export interface HistoryEntryAnswer extends RevisionAnswer {
  /** The first of them; `changeCount` says how many there are. */
  readonly changes: readonly HistoryChangeAnswer[];
  readonly changeCount: number;
}

export interface HistoryAnswer {
  readonly items: readonly HistoryEntryAnswer[];
  /** `before` of the next page; null when the log holds nothing older. */
  readonly before: Revision | null;
  /** The log begins after this revision. */
  readonly compactedTo: Revision;
}

export interface ResourceDiffAnswer extends ResourceChangeAnswer {
  /** Unified diff of the YAML. */
  readonly diff: string;
}

export interface DiffAnswer {
  readonly from: Revision;
  readonly to: Revision;
  readonly total: number;
  readonly items: readonly ResourceDiffAnswer[];
  readonly nextOffset: number | null;
}

export interface RollbackRequest {
  readonly revision: Revision;
  readonly only?: readonly { readonly type: string; readonly mesh?: string; readonly name: string }[];
  readonly dryRun?: boolean;
  readonly message?: string;
}

export interface RollbackAnswer {
  /** The revision that the rollback made; the newest one where nothing had to change. */
  readonly revision: Revision;
  readonly restored: Revision;
  readonly undoneTo: Revision;
  readonly results: readonly ResourceChangeAnswer[];
  readonly leftAlone: readonly { readonly type: string; readonly reason: string; readonly count: number }[];
  readonly warnings?: readonly string[];
  readonly dryRun?: boolean;
  /** Only of a dry run. */
  readonly diffs?: readonly ResourceDiffAnswer[];
}

/** A line of the change feed; author and time are absent where the log forgot them just then. */
export interface FeedChange extends HistoryChangeAnswer, Partial<RevisionAnswer> {
  readonly revision: Revision;
  readonly resource?: ResourceAnswer;
}

/** `lastRevision`: everything up to it was sent; the place to resume from. */
export type FeedLine = { readonly change: FeedChange } | { readonly lastRevision: Revision };
