import type { KindRegistry, Resource, ResourceKey } from "@meridian/model";
import type { ListFilter, StatusEntry } from "@meridian/store";
import type { ApiStore, InsightsPort } from "../ports.ts";
import type { IsHeard } from "./counts.ts";
import { meshInsight, serviceInsight } from "./mesh-view.ts";

/** A status that nobody stored. */
interface ComputedEntry extends StatusEntry {
  readonly creationTime: string;
}

export interface ComputedInsightsOptions {
  readonly book: Pick<InsightsPort, "current">;
  readonly kinds: KindRegistry;
  /** As of now; asked once a read. */
  readonly heard: () => IsHeard;
}

/** The store with a MeshInsight for each mesh and a ServiceInsight for each of its services, as if they were stored. */
export function withComputedInsights(store: ApiStore, options: ComputedInsightsOptions): ApiStore {
  const { book, kinds, heard } = options;
  const isPolicy = (kind: string): boolean => kinds.get(kind)?.category === "policy";

  async function ofMeshes(found: readonly Resource[]): Promise<readonly ComputedEntry[]> {
    const { tallies, modificationTime } = await book.current();
    return found.map(({ name, creationTime }) => ({
      key: { kind: "MeshInsight", mesh: "", name },
      value: meshInsight(tallies.mesh(name), heard(), isPolicy),
      ...{ creationTime, modificationTime },
    }));
  }

  async function services(filter: ListFilter = {}): Promise<readonly ComputedEntry[]> {
    const { mesh, namePart = "", after, limit = Number.POSITIVE_INFINITY } = filter;
    const found = mesh === undefined ? await store.list("Mesh") : await meshNamed(mesh);
    const { tallies, modificationTime } = await book.current();
    const isHeard = heard();
    const entries: ComputedEntry[] = [];
    for (const { name: inMesh, creationTime } of found) {
      if (after && inMesh < after.mesh) continue;
      const tally = tallies.mesh(inMesh);
      for (const name of tally.serviceNames()) {
        if (entries.length >= limit) return entries;
        if (!name.includes(namePart) || (after && inMesh === after.mesh && name <= after.name)) continue;
        const key = { kind: "ServiceInsight", mesh: inMesh, name };
        entries.push({ key, value: serviceInsight(tally, name, isHeard), creationTime, modificationTime });
      }
    }
    return entries;
  }

  async function service({ mesh, name }: ResourceKey): Promise<ComputedEntry | undefined> {
    const [found] = await meshNamed(mesh);
    const { tallies, modificationTime } = await book.current();
    if (!found) return undefined;
    const value = serviceInsight(tallies.mesh(mesh), name, heard());
    return { key: { kind: "ServiceInsight", mesh, name }, value, creationTime: found.creationTime, modificationTime };
  }

  async function meshNamed(name: string): Promise<readonly Resource[]> {
    const mesh = await store.get({ kind: "Mesh", mesh: "", name });
    return mesh ? [mesh] : [];
  }

  /** They have no labels. */
  const isUnlabelled = (filter: ListFilter = {}): boolean => Object.keys(filter.labels ?? {}).length === 0;
  const computed = Object.create(store) as { -readonly [K in keyof ApiStore]: ApiStore[K] };
  computed.listStatus = async <V>(kind: string, filter?: ListFilter) => {
    if (kind !== "MeshInsight" && kind !== "ServiceInsight") return store.listStatus<V>(kind, filter);
    if (!isUnlabelled(filter)) return [];
    const entries = kind === "MeshInsight" ? ofMeshes(await store.list("Mesh", filter)) : services(filter);
    return (await entries) as readonly StatusEntry<V>[];
  };
  computed.getStatus = async <V>(key: ResourceKey) => {
    if (key.kind === "ServiceInsight") return (await service(key)) as StatusEntry<V> | undefined;
    if (key.kind !== "MeshInsight") return store.getStatus<V>(key);
    const [entry] = await ofMeshes(await meshNamed(key.name));
    return entry as StatusEntry<V> | undefined;
  };
  return computed;
}
