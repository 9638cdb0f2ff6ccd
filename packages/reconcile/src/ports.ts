import type { Admission } from "@meridian/admission";
import type { Clock, Logger } from "@meridian/base";
import type { ResourceKey } from "@meridian/model";
import type { Place, VipNetworks } from "@meridian/services";
import type { StatusEntry, Store } from "@meridian/store";
import type { NameOptions } from "./state/names.ts";

/** Tells of the insights that this process writes; `observeInsights` of `@meridian/kds` fits. */
export interface InsightFeed {
  /** @returns the function that ends it. */
  subscribe(
    listener: (change: { readonly put: readonly StatusEntry[]; readonly deleted: readonly ResourceKey[] }) => void,
  ): () => void;
}

export interface ReconcilerOptions {
  readonly store: Store;
  /** Every resource that is made passes it; a status goes to the store directly, for it is nobody's write. */
  readonly admission: Pick<Admission, "admit">;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * zone: makes MeshServices and Workloads of its data planes, gives addresses and host names. global: only says which MeshServices
   * stand behind a MeshMultiZoneService.
   */
  readonly place: ({ readonly role: "zone" } & Place) | { readonly role: "global" };
  /** Absent: no proxy counts as connected. */
  readonly insights?: InsightFeed;
  /** How long a generated resource outlives its last data plane. Milliseconds; default one hour, as the peer. */
  readonly graceMs?: number;
  readonly vipNetworks?: VipNetworks;
  /** Of host names by tags; default: `<service>.mesh` on port 80, in 240.0.0.0/8. */
  readonly names?: NameOptions;
  /** While data planes come one after another, what follows is written together, this often. Milliseconds; default 100. */
  readonly burstIntervalMs?: number;
  /** Shortest time between two writes of counts. Milliseconds; default 1,000. */
  readonly countsIntervalMs?: number;
}
