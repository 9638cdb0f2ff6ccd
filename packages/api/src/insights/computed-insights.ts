import type { KindRegistry, Resource, ResourceKey } from "@meridian/model";
import type { ListFilter, StatusEntry } from "@meridian/store";
import type { ApiStore } from "../ports.ts";
import type { IsHeard } from "./counts.ts";
import type { InsightBook } from "./insight-book.ts";
import { meshInsight, serviceInsight } from "./mesh-view.ts";

/** A status that nobody stored. */
interface ComputedEntry extends StatusEntry {
  readonly creationTime: string;
}

export interface ComputedInsightsOptions {
  readonly book: Pick<InsightBook, "current">;
  readonly kinds: KindRegistry;
  /** As of now; asked once a read. */
  readonly heard: () => IsHeard;
}

/** The store with a MeshInsight for each mesh and a ServiceInsight for each of its services, as if they were stored. */
export function withComputedInsights(store: ApiStore, options: ComputedInsightsOptions): ApiStore {
  const { book, kinds, heard } = options;
  const isPolicy = (kind: string): boolean => kinds.get(kind)?.category === "policy";

  async function meshes({ namePart }: ListFilter = {}): Promise<readonly ComputedEntry[]> {
    const found = await store.list("Mesh", namePart === undefined ? {} : { namePart });
    const { tallies, modificationTime } = await book.current();
    return found.map(({ name, creationTime }) => ({
      key: { kind: "MeshInsight", mesh: "", name },
      value: meshInsight(tallies.mesh(name), heard(), isPolicy),
      ...{ creationTime, modificationTime },
    }));
  }

  async function services(filter: ListFilter = {}): Promise<readonly ComputedEntry[]> {
    const { mesh, namePart = "" } = filter;
    const found = mesh === undefined ? await store.list("Mesh") : await meshNamed(mesh);
    const { tallies, modificationTime } = await book.current();
    return found.flatMap(({ name: inMesh, creationTime }) => {
      const tally = tallies.mesh(inMesh);
      const names = tally.serviceNames().filter((name) => name.includes(namePart));
      return names.map((name) => ({
        key: { kind: "ServiceInsight", mesh: inMesh, name },
        value: serviceInsight(tally, name, heard()),
        ...{ creationTime, modificationTime },
      }));
    });
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
    return (await (kind === "MeshInsight" ? meshes(filter) : services(filter))) as readonly StatusEntry<V>[];
  };
  computed.getStatus = async <V>(key: ResourceKey) => {
    if (key.kind === "ServiceInsight") return (await service(key)) as StatusEntry<V> | undefined;
    if (key.kind !== "MeshInsight") return store.getStatus<V>(key);
    const found = await meshes({ namePart: key.name });
    return found.find(({ key: { name } }) => name === key.name) as StatusEntry<V> | undefined;
  };
  return computed;
}
