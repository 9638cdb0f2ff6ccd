import type { LinkState } from "../ports.ts";

/** Undefined takes a field away; what is not named stays. */
export type LinkChange = { readonly [K in keyof LinkState]?: LinkState[K] | undefined };

/** @param now RFC 3339: `since`, if it becomes another state than it was. */
export function changedState(before: LinkState, change: LinkChange, now: string): LinkState {
  const since = change.state !== undefined && change.state !== before.state ? now : before.since;
  const next: Record<string, unknown> = { ...before, ...change, since };
  for (const name of Object.keys(next)) if (next[name] === undefined) delete next[name];
  return next as unknown as LinkState;
}
