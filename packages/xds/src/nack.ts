import type { EncodedResource, TypeUrl } from "@meridian/envoy";
import type { Nack } from "./ports.ts";
import type { StreamState } from "./state.ts";
import type { Refusal } from "./subscription.ts";

/**
 * The resources that Envoy's message names, e.g. `Error adding/updating cluster(s) a: …, b: …`. A name counts only where it is not
 * part of a longer one (`web` in `web-6f1f`).
 */
export function namedIn(message: string, resources: readonly EncodedResource[]): EncodedResource[] {
  return resources.filter(({ name }) => mentions(message, name));
}

function mentions(message: string, name: string): boolean {
  for (let at = message.indexOf(name); at >= 0; at = message.indexOf(name, at + 1)) {
    if (!isNameCharacter(message, at - 1) && !isNameCharacter(message, at + name.length)) return true;
  }
  return false;
}

/** A colon, a dot or a comma ends a name unless the name goes on behind it (`inbound:10.0.0.1:80`). */
function isNameCharacter(text: string, at: number): boolean {
  const character = text[at] ?? "";
  if (/[\w/-]/.test(character)) return true;
  return /[:.]/.test(character) && /[\w/-]/.test(text[at - 1] ?? "") && /[\w/-]/.test(text[at + 1] ?? "");
}

export function nackOf(typeUrl: TypeUrl, message: string, resources: readonly EncodedResource[], generation: number): Nack {
  return { typeUrl, message, generation, resources: resources.map(({ name, origins }) => ({ name, origins })) };
}

/** The refusals that still stand, one NACK a type, as of a later generation that is otherwise complete. */
export function standingNacks(state: StreamState, generation: number): Nack[] {
  const nacks: Nack[] = [];
  for (const { typeUrl, refused } of state.subscriptions.values()) {
    const refusals = [...refused.values()].filter((refusal: Refusal) => refusal.heldBackFor === undefined);
    if (refusals.length === 0) continue;
    const messages = [...new Set(refusals.map(({ message }) => message))];
    const resources = refusals.map(({ resource }) => resource);
    nacks.push(nackOf(typeUrl, messages.join("; "), resources, generation));
  }
  return nacks;
}
