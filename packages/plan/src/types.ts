import type { EncodedResource } from "@meridian/envoy";
import type { GenerationFailure } from "@meridian/generator";
import type { Resource, ResourceKey, Revision } from "@meridian/model";

/** What a batch of changes would do to the proxies of all zones; nothing is written. */
export interface Plan {
  /** The state that the changes were held against. */
  readonly revision: Revision;
  /** Sorted by name; zones without a proxy that changes are here too. */
  readonly zones: readonly ZoneImpact[];
  /** In words; most proxies first. */
  readonly summary: readonly SummaryLine[];
  /** Traffic that flows now and would not any more, or only in part. */
  readonly cutOffs: readonly CutOff[];
  /** Proxies that take the same step are one group. Largest first. */
  readonly groups: readonly ChangeGroup[];
  /** What could not be generated after the changes and can be now: those proxies would keep their last good config. */
  readonly failures: readonly (GenerationFailure & { readonly zone: string })[];
}

export interface ZoneImpact {
  readonly zone: string;
  /** Data planes and zone ingresses that the control plane knows of. */
  readonly proxies: number;
  readonly changed: number;
  /** Of the changed ones, those that are connected now. */
  readonly changedOnline: number;
  /** What the connected ones would be sent: encoded resources and names of removed ones, without frames. Bytes. */
  readonly bytes: number;
}

export interface SummaryLine {
  /** `routes`, `permissions`, `mesh`: told in the terms of users. `config`: fields of Envoy resources. */
  readonly about: "routes" | "permissions" | "mesh" | "identity" | "config";
  readonly mesh: string;
  readonly text: string;
  /** Services whose proxies this is about, sorted; empty for a whole mesh. */
  readonly services: readonly string[];
  readonly zones: readonly string[];
  readonly proxies: number;
  /** `keyText` of the policies that decide it, before or after; sorted. */
  readonly policies: readonly string[];
}

export type CutOffReason = "no-route" | "no-endpoints" | "no-egress" | "refused";

export interface CutOff {
  readonly mesh: string;
  readonly from: string;
  readonly to: string;
  /** `all`: nothing would get through. `part`: less than now. */
  readonly extent: "all" | "part";
  readonly reason: CutOffReason;
  readonly text: string;
  /** Zones of the clients, sorted. */
  readonly zones: readonly string[];
  /** Connected clients. */
  readonly proxies: number;
  readonly policies: readonly string[];
}

export interface ChangedProxy {
  readonly zone: string;
  /** `""` for zone proxies. */
  readonly mesh: string;
  /** Name in its zone. */
  readonly name: string;
  readonly isOnline: boolean;
}

/** One Envoy resource before and after; at least one of both is there. */
export interface ResourceStep {
  readonly before?: EncodedResource;
  readonly after?: EncodedResource;
  /** `keyText` of the policies that shape it, before or after; sorted. */
  readonly policies: readonly string[];
}

export interface ChangeGroup {
  readonly proxies: readonly ChangedProxy[];
  /** Sorted by type and name. Empty: only the certificate changes. */
  readonly steps: readonly ResourceStep[];
  /** Bytes that one of the proxies is sent. */
  readonly bytes: number;
}

/** What becomes of one resource of the control plane that plans. */
export type ProposedChange =
  | { readonly op: "put"; readonly resource: Resource }
  | { readonly op: "delete"; readonly key: ResourceKey };
