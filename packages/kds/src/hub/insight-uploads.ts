import { type KindRegistry, keyText, type ResourceKey } from "@meridian/model";
import { MalformedFrameError } from "../errors.ts";
import type { FrameOf, ZoneFrame } from "../protocol/frames.ts";
import { ShapeError } from "../protocol/shapes.ts";
import { checkKeyText, isName, parseObject } from "../sync/entry.ts";
import type { StatusWriter } from "./status-writer.ts";

export interface InsightUploadsOptions {
  readonly kinds: KindRegistry;
  readonly writer: StatusWriter;
  /** Owner of a key at the global, as far as known: a zone, "" for the global, undefined for nobody. */
  readonly ownerOf: (key: string) => string | undefined;
}

/**
 * Writes the insights that a zone sends. An insight has the name of the proxy that it is about; one about a proxy of another zone
 * is dropped. @throws MalformedFrameError
 */
export function takeInsights(frame: FrameOf<ZoneFrame, "insights">, zone: string, options: InsightUploadsOptions): void {
  try {
    for (const put of frame.puts) {
      const { kind, mesh, name, value } = parseObject(put);
      if (!isName(kind) || !isName(name) || typeof mesh !== "string") throw new ShapeError("insight: without a key");
      const key = { kind, mesh, name };
      if (mayWrite(key, zone, options)) options.writer.put(key, () => value ?? null);
    }
    for (const text of frame.deletes) {
      const key = checkKeyText(text);
      if (mayWrite(key, zone, options)) options.writer.delete(key);
    }
  } catch (error) {
    if (error instanceof ShapeError) throw new MalformedFrameError(error.message);
    throw error;
  }
}

function mayWrite(key: ResourceKey, zone: string, { kinds, ownerOf }: InsightUploadsOptions): boolean {
  const kind = kinds.get(key.kind);
  if (kind?.category !== "insight" || !kind.sync.zoneToGlobal) return false;
  const owner = ownerOf(keyText({ ...key, kind: key.kind.replace(/Insight$/, "") }));
  return owner === undefined || owner === zone;
}
