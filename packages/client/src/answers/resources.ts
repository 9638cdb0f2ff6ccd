import type { Revision } from "@meridian/model";

/*
 * Shapes of the API's answers (reference: rest-api.md), as far as clients read them.
 */

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
