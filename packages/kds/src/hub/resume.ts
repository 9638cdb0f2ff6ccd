import { keyText, type Resource } from "@meridian/model";
import type { ChangeEntry } from "@meridian/store";
import { addTo, type Digest, removeFrom } from "../sync/digest.ts";
import type { Entry } from "../sync/entry.ts";
import { type Image, isEnabledSpec } from "./image.ts";

export interface Resumption {
  /** Of the replica that the zone should have held before these changes. */
  readonly digestBefore: Digest;
  /** What turns it into the one of now: one step per key, the newest. Undefined entry: gone. */
  readonly delta: ReadonlyMap<string, Entry | undefined>;
}

/**
 * Works back from the present: the digest that a zone had at an older revision, and the delta from there, follow from the log's
 * entries since (each knows what it replaced) and the image of now. No old states are kept.
 * @param since every entry after the zone's revision up to the image's.
 */
export function resumeFrom(image: Image, since: readonly ChangeEntry[], zone: string): Resumption {
  const replaced = new Map<string, Resource | undefined>();
  const wasEnabled = new Map<string, boolean>();
  for (const { key, previous } of since) {
    if (key.kind === "Zone") {
      if (!wasEnabled.has(key.name)) wasEnabled.set(key.name, previous ? isEnabledSpec(previous.spec) : true);
    } else if (!replaced.has(keyText(key))) replaced.set(keyText(key), previous);
  }
  const enabledBefore = (name: string): boolean => wasEnabled.get(name) ?? image.isEnabled(name);

  const touched = new Set(replaced.keys());
  for (const [name, enabled] of wasEnabled) {
    if (enabled !== image.isEnabled(name)) for (const key of image.keysFrom(name)) touched.add(key);
  }

  let digestBefore = image.digestFor(zone);
  const gone: string[] = [];
  const delta = new Map<string, Entry | undefined>();
  for (const key of touched) {
    const after = image.copyFor(zone, key);
    const before = replaced.has(key)
      ? image.copyOf(zone, replaced.get(key), enabledBefore)
      : image.copyAt(zone, key, enabledBefore);
    if (after) digestBefore = removeFrom(digestBefore, after.entry.hash);
    if (before) digestBefore = addTo(digestBefore, before.entry.hash);
    if (before && before.key !== after?.key) gone.push(before.key);
    if (after && after.entry.hash !== before?.entry.hash) delta.set(after.key, after.entry);
  }
  for (const key of gone) if (!delta.has(key)) delta.set(key, undefined);
  return { digestBefore, delta };
}
