import type { EncodedResource } from "@meridian/envoy";
import type { Complaint, Nack } from "./ports.ts";
import type { StreamState } from "./state.ts";

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

interface Refused extends Complaint {
  readonly resources: EncodedResource[];
}

/** The NACK of a response. @param state with what it refuses noted. */
export function nackOf(state: StreamState, complaint: Complaint, details: NackDetails): Nack {
  const { resources, generation } = details;
  return told(complaint, resources, { generation, isRepeated: false, standing: standingIn(state).map(complaintOf) });
}

interface NackDetails {
  readonly resources: readonly EncodedResource[];
  readonly generation: number;
}

/** The refusals that still stand, each once, as of a later generation that is otherwise complete. */
export function standingNacks(state: StreamState, generation: number): Nack[] {
  const refused = standingIn(state);
  const standing = refused.map(complaintOf);
  return refused.map((each) => told(each, each.resources, { generation, isRepeated: true, standing }));
}

/** By type and message: what came in one response was refused with one message. */
function standingIn(state: StreamState): readonly Refused[] {
  const found = new Map<string, Refused>();
  for (const { typeUrl, refused } of state.subscriptions.values()) {
    for (const { message, resource, heldBackFor } of refused.values()) {
      if (heldBackFor !== undefined) continue;
      const key = `${typeUrl} ${message}`;
      const known = found.get(key);
      if (known) known.resources.push(resource);
      else found.set(key, { typeUrl, message, resources: [resource] });
    }
  }
  return [...found.values()];
}

function complaintOf({ typeUrl, message }: Refused): Complaint {
  return { typeUrl, message };
}

function told(
  { typeUrl, message }: Complaint,
  resources: readonly EncodedResource[],
  rest: Pick<Nack, "generation" | "isRepeated" | "standing">,
): Nack {
  return { typeUrl, message, resources: resources.map(({ name, origins }) => ({ name, origins })), ...rest };
}
