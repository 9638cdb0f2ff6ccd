import { keyText, type MeshServiceSpec, type Resource } from "@meridian/model";
import type { Context } from "./desired.ts";

type Identities = NonNullable<MeshServiceSpec["identities"]>;

/**
 * How long clients go on to take a SPIFFE id that no server is given any more. Whoever shows it, in this zone, first gets another
 * certificate, and clients of other zones may still meet him meanwhile: without this a MeshIdentity that is deleted costs requests.
 */
const graceMs = 60_000;

/** Ids that servers have, with those that they had a moment ago. Since when an id is gone nobody has to remember over a restart. */
export function withLingering(stored: Resource<MeshServiceSpec>, seen: Identities, context: Context): Identities {
  const { state, nowMs, lookAgain } = context;
  const has = (id: string): boolean => seen.some(({ type, value }) => type === "SpiffeID" && value === id);
  const lingering = (stored.spec.identities ?? []).filter(({ type, value }) => {
    const key = `${keyText(stored)} ${value}`;
    if (type !== "SpiffeID" || has(value)) {
      state.goneIds.delete(key);
      return false;
    }
    const sinceMs = state.goneIds.get(key) ?? nowMs;
    const isOver = nowMs >= sinceMs + graceMs;
    if (isOver) state.goneIds.delete(key);
    else {
      state.goneIds.set(key, sinceMs);
      lookAgain(stored, sinceMs + graceMs - nowMs);
    }
    return !isOver;
  });
  return [...seen, ...lingering];
}
