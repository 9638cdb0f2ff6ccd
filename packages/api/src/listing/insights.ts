import { compareText, type Resource } from "@meridian/model";
import type { ListFilter, StatusEntry } from "@meridian/store";
import type { InsightView } from "../insight-view.ts";
import type { ApiStore } from "../ports.ts";

/** An insight as a resource, so that it is listed and rendered like any other. It has no history, so no version. */
export function insightAsResource(entry: StatusEntry & { readonly creationTime?: string }): Resource {
  const modificationTime = entry.modificationTime ?? new Date(0).toISOString();
  const { creationTime = modificationTime } = entry;
  return { ...entry.key, labels: {}, spec: entry.value, version: 0, creationTime, modificationTime };
}

/** The insight of each resource of a sorted page, `{}` where there is none: reads those between the first and the last, and no others. */
export async function insightsBeside(
  store: Pick<ApiStore, "getStatus" | "listStatus">,
  kind: string,
  resources: readonly Resource[],
): Promise<readonly InsightView[]> {
  const [first, ...others] = resources;
  if (!first) return [];
  const own = await store.getStatus<InsightView>({ kind, mesh: first.mesh, name: first.name });
  const insights = new Map(own ? [[positionOf(own.key), own.value]] : []);
  const last = others.at(-1);
  if (last) await readBetween(store, { kind, first, last, limit: others.length }, insights);
  return resources.map((resource) => insights.get(positionOf(resource)) ?? {});
}

interface Span {
  readonly kind: string;
  readonly first: Resource;
  readonly last: Resource;
  readonly limit: number;
}

/** Most resources have one insight of their name, so that a page of resources is mostly a page of insights. */
async function readBetween(
  store: Pick<ApiStore, "listStatus">,
  { kind, first, last, limit }: Span,
  insights: Map<string, InsightView>,
): Promise<void> {
  const inMesh = first.mesh === last.mesh ? { mesh: first.mesh } : {};
  for (let after: ListFilter["after"] = first; after; ) {
    const entries: readonly StatusEntry<InsightView>[] = await store.listStatus<InsightView>(kind, {
      ...inMesh,
      after: { mesh: after.mesh, name: after.name },
      limit,
    });
    for (const { key, value } of entries) insights.set(positionOf(key), value);
    const newest = entries.at(-1)?.key;
    after = newest && entries.length === limit && isBefore(newest, last) ? newest : undefined;
  }
}

type Position = Pick<Resource, "mesh" | "name">;

function positionOf({ mesh, name }: Position): string {
  return `${mesh}/${name}`;
}

function isBefore(a: Position, b: Position): boolean {
  return (compareText(a.mesh, b.mesh) || compareText(a.name, b.name)) < 0;
}
