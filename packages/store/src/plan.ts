import type { Resource, ResourceKey, Revision } from "@meridian/model";
import { assertStorableKey, equalContent, keyId, keyOf, storableInput } from "./content.ts";
import { ConflictError } from "./errors.ts";
import type { Change, ChangeEntry, CommitResult } from "./store.ts";

/** The revision and time that a commit gets if it changes anything. */
export interface CommitStamp {
  readonly revision: Revision;
  /** RFC 3339. */
  readonly time: string;
}

export interface CommitPlan {
  readonly outcomes: CommitResult["outcomes"];
  /** What goes into the log, in order; empty when nothing changes, then the revision is not used up. */
  readonly entries: readonly ChangeEntry[];
}

/** Copies and checks what a caller hands in, before anything is locked. @throws RangeError, see `storableInput`. */
export function storableChanges(changes: readonly Change[]): readonly Change[] {
  return changes.map((change) => {
    if (change.op === "put") return { ...change, resource: storableInput(change.resource) };
    assertStorableKey(change.key);
    return { ...change, key: keyOf(change.key) };
  });
}

export function changedKey(change: Change): ResourceKey {
  return change.op === "put" ? change.resource : change.key;
}

/**
 * Decides what a commit does to the current state: the one place with the rules of `ResourceStore.commit`, shared by all drivers.
 * Pure; a later change of the batch sees what an earlier one did. Each driver calls it under its write lock.
 * @throws ConflictError at the first expectation that fails; then nothing of the batch may be written.
 */
export function planCommit(
  changes: readonly Change[],
  current: (key: ResourceKey) => Resource | undefined,
  stamp: CommitStamp,
): CommitPlan {
  const written = new Map<string, Resource | undefined>();
  const outcomes: CommitResult["outcomes"][number][] = [];
  const entries: ChangeEntry[] = [];
  for (const change of changes) {
    const key = changedKey(change);
    const id = keyId(key);
    const previous = written.has(id) ? written.get(id) : current(key);
    assertExpected(change, previous);
    const step = planChange(change, previous, stamp);
    outcomes.push(step.outcome);
    if (step.entry === undefined) continue;
    entries.push(step.entry);
    written.set(id, step.entry.resource);
  }
  return { outcomes, entries };
}

function assertExpected(change: Change, found: Resource | undefined): void {
  if (change.expect === undefined) return;
  const holds = change.expect === "absent" ? found === undefined : found?.version === change.expect;
  if (!holds) throw new ConflictError(keyOf(changedKey(change)), change.expect, found?.version);
}

interface Step {
  readonly outcome: CommitResult["outcomes"][number];
  readonly entry?: ChangeEntry;
}

function planChange(change: Change, previous: Resource | undefined, stamp: CommitStamp): Step {
  const key = keyOf(changedKey(change));
  const { revision, time } = stamp;
  if (change.op === "delete") {
    if (previous === undefined) return { outcome: "absent" };
    return { outcome: "deleted", entry: { revision, op: "delete", key, previous } };
  }
  const creationTime = change.creationTime ?? previous?.creationTime ?? time;
  const times = { version: revision, creationTime, modificationTime: time };
  const resource: Resource = { ...change.resource, ...times };
  if (previous === undefined) return { outcome: "created", entry: { revision, op: "put", key, resource } };
  if (equalContent(previous, resource) && previous.creationTime === creationTime) return { outcome: "unchanged" };
  return { outcome: "updated", entry: { revision, op: "put", key, resource, previous } };
}
