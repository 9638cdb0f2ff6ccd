import type { WriteRequest } from "@meridian/admission";
import { canonicalJson, compareText, keyText, type Resource, type ResourceKey, type Revision } from "@meridian/model";
import { matchesLog, type NetChange } from "@meridian/store";
import type { FieldViolation } from "../http/errors.ts";
import type { ApiDeps } from "../ports.ts";
import { returningMeshes, whyLeftAlone } from "./left-alone.ts";

export interface RollbackWish {
  readonly revision: Revision;
  /** Only these; absent: everything. */
  readonly only?: readonly ResourceKey[];
}

/** What leads from now back to a revision. */
export interface RollbackPlan {
  /** The newest revision when this was computed: what is undone ends with it. */
  readonly from: Revision;
  /** One per entry of `changes`, each bound to the version that it was decided by. */
  readonly requests: readonly WriteRequest[];
  readonly changes: readonly NetChange[];
  /** What differs and stays as it is, counted by kind and reason. */
  readonly leftAlone: readonly { readonly type: string; readonly reason: string; readonly count: number }[];
  /** Wishes that make no sense. */
  readonly violations: readonly FieldViolation[];
}

/** @throws CompactedError if the log does not reach back so far */
export async function planRollback(
  deps: Pick<ApiDeps, "store" | "kinds" | "mode" | "readOnly">,
  wish: RollbackWish,
): Promise<RollbackPlan> {
  const { store } = deps;
  const from = await store.revision();
  const all = await store.compare(from, wish.revision);
  const wanted = all.filter(({ key }) => wish.only?.some((only) => matchesLog(key, only)) ?? true);
  const ownership = { deps, returningMeshes: returningMeshes(all) };
  const judged = wanted.map((change) => ({
    change: contentChange(change),
    key: change.key,
    reason: whyLeftAlone(change, ownership),
  }));
  const changes = judged.flatMap(({ change, reason }) => (reason === undefined && change ? change : []));
  const left = judged.flatMap(({ key, reason }) => (reason === undefined ? [] : { key, reason }));
  return {
    from,
    requests: changes.map(requestOf),
    changes,
    leftAlone: countLeft(left),
    violations: wish.only ? [...(await findAbsent(deps, wish, wish.only, wanted)), ...refusedWishes(wish.only, left)] : [],
  };
}

/** A status is not what people wrote: it stays what it is now, and what comes back gets a new one from whoever keeps it. */
function contentChange({ key, before, after }: NetChange): NetChange | undefined {
  if (!after) return { key, ...(before && { before }) };
  const { status: _then, ...content } = after;
  const restored: Resource = { ...content, ...(before?.status !== undefined && { status: before.status }) };
  const isSame = before && canonicalJson([before.labels, before.spec]) === canonicalJson([after.labels, after.spec]);
  return isSame ? undefined : { key, ...(before && { before }), after: restored };
}

function requestOf({ key, before, after }: NetChange): WriteRequest {
  if (!after) return { op: "delete", key, ...(before && { expect: before.version }) };
  const { labels, spec, status } = after;
  const resource = { ...key, labels, spec, ...(status !== undefined && { status }) };
  return { op: "put", resource, expect: before?.version ?? "absent" };
}

function countLeft(left: readonly { readonly key: ResourceKey; readonly reason: string }[]): RollbackPlan["leftAlone"] {
  const groups = new Map<string, { readonly type: string; readonly reason: string; count: number }>();
  for (const { key, reason } of left) {
    const id = `${key.kind} ${reason}`;
    const group = groups.get(id) ?? { type: key.kind, reason, count: 0 };
    group.count += 1;
    groups.set(id, group);
  }
  return [...groups.values()].sort((a, b) => compareText(a.type, b.type));
}

/** What was asked for by name and exists neither now nor then: most likely a slip of the fingers. */
async function findAbsent(
  { store }: Pick<ApiDeps, "store">,
  { revision }: RollbackWish,
  only: readonly ResourceKey[],
  wanted: readonly NetChange[],
): Promise<readonly FieldViolation[]> {
  const changed = new Set(wanted.map(({ key }) => keyText(key)));
  const violations: FieldViolation[] = [];
  for (const [index, key] of only.entries()) {
    if (changed.has(keyText(key)) || (await store.get(key))) continue;
    const message = `${describeKey(key)} exists neither now nor at revision ${revision}`;
    violations.push({ path: `only[${index}]`, message });
  }
  return violations;
}

function refusedWishes(
  only: readonly ResourceKey[],
  left: readonly { readonly key: ResourceKey; readonly reason: string }[],
): readonly FieldViolation[] {
  return left.map(({ key, reason }) => {
    const index = only.findIndex((wish) => matchesLog(key, wish));
    return { path: `only[${index}]`, message: `${describeKey(key)} cannot be rolled back: it ${describeReason(reason)}` };
  });
}

function describeReason(reason: string): string {
  return /^(is|has|belongs|comes) /.test(reason) ? reason : `cannot be written here (${reason})`;
}

export function describeKey({ kind, mesh, name }: ResourceKey): string {
  return `${kind} ${mesh === "" ? "" : `${mesh}/`}${name}`;
}
