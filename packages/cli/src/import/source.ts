import type { ResourceKindAnswer } from "@meridian/client";
import type { ParsedDocument } from "@meridian/model";
import { type Candidate, readCandidate } from "./candidate.ts";
import { type LeftBehind, type PeerRole, whyNotKind } from "./select.ts";

/** Everything that another control plane holds, as far as it may be seen. */
export interface ImportSource {
  /** `http://kuma:5681`, `export.yaml`: what it is called in messages and in the history. */
  readonly name: string;
  readonly role: PeerRole;
  readonly candidates: readonly Candidate[];
  /** Kinds that were not even read, or could not be. */
  readonly leftBehind: readonly LeftBehind[];
  /** Nothing is missing but what `leftBehind` says: what is not there does not exist. */
  readonly isComplete: boolean;
}

/** Output of `kumactl export`, in either format, or lists as `kumactl get -o json` prints them. */
export function readExport(
  documents: readonly ParsedDocument[],
  kinds: readonly ResourceKindAnswer[],
): Omit<ImportSource, "name"> {
  const known = new Map(kinds.map((kind) => [kind.name, kind]));
  const candidates: Candidate[] = [];
  const left = new Map<string, { count: number; readonly reason: string }>();
  for (const { value, source, line } of documents) {
    for (const item of itemsOf(value)) {
      const candidate = readCandidate(item, `${source}:${line}`);
      const reason = whyNotKind(known.get(candidate.kind));
      if (reason === undefined) candidates.push(candidate);
      else left.set(candidate.kind, { count: (left.get(candidate.kind)?.count ?? 0) + 1, reason });
    }
  }
  const leftBehind = [...left].map(([kind, { count, reason }]) => ({ kind, count, reason }));
  return { role: "unknown", candidates, leftBehind, isComplete: false };
}

function itemsOf(value: unknown): readonly unknown[] {
  const { items, type, kind } = Object(value) as {
    readonly items?: unknown;
    readonly type?: unknown;
    readonly kind?: unknown;
  };
  return Array.isArray(items) && type === undefined && (kind === undefined || kind === "List") ? items : [value];
}
