import type { KindRegistry } from "@meridian/model";
import type { StatusEntry, Store } from "@meridian/store";
import type { InsightChange, InsightSource } from "../ports.ts";

/**
 * A store that tells of each insight written through it: give `store` to the part that writes insights, and `insights` to the KDS
 * client. Only kinds that go to the global are told of.
 */
export function observeInsights(store: Store, kinds: KindRegistry): { readonly store: Store; readonly insights: InsightSource } {
  const told = new Set(
    kinds.all.filter(({ category, sync }) => category === "insight" && sync.zoneToGlobal).map(({ kind }) => kind),
  );
  const listeners = new Set<(change: InsightChange) => void>();
  const tell = (change: InsightChange): void => {
    if (change.put.length + change.deleted.length > 0) for (const listener of [...listeners]) listener(change);
  };
  const observed = Object.create(store) as Store;
  observed.putStatus = async (entries) => {
    await store.putStatus(entries);
    tell({ put: entries.filter(({ key }) => told.has(key.kind)), deleted: [] });
  };
  observed.deleteStatus = async (keys) => {
    await store.deleteStatus(keys);
    tell({ put: [], deleted: keys.filter(({ kind }) => told.has(kind)) });
  };
  const all = async (): Promise<readonly StatusEntry[]> =>
    (await Promise.all([...told].map((kind) => store.listStatus(kind)))).flat();
  const subscribe = (listener: (change: InsightChange) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return { store: observed, insights: { all, subscribe } };
}
