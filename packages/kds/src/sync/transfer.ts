import { encodeFrame } from "../protocol/codec.ts";
import type { Entry } from "./entry.ts";

/** What a key becomes; undefined: gone. */
export type Delta = ReadonlyMap<string, Entry | undefined>;

export interface Body {
  readonly puts: readonly Uint8Array[];
  readonly deletes: readonly string[];
}

export function bodyOf(delta: Delta): Body {
  const puts: Uint8Array[] = [];
  const deletes: string[] = [];
  for (const [key, entry] of delta) {
    if (entry) puts.push(entry.bytes);
    else deletes.push(key);
  }
  return { puts, deletes };
}

export function kindsOf(delta: Delta): readonly string[] {
  const kinds = new Set<string>();
  for (const key of delta.keys()) kinds.add(key.slice(0, key.indexOf("/")));
  return [...kinds];
}

/** Roughly what a body takes on the wire. */
export function sizeBytesOf(body: Body): number {
  let sizeBytes = 0;
  for (const put of body.puts) sizeBytes += put.length + 5;
  for (const key of body.deletes) sizeBytes += key.length + 5;
  return sizeBytes;
}

/** Cuts a body into pieces of about `chunkSizeBytes`; at least one piece. */
export function* pieces(body: Body, chunkSizeBytes: number): Generator<Body, void, void> {
  let puts: Uint8Array[] = [];
  let deletes: string[] = [];
  let sizeBytes = 0;
  let yielded = false;
  for (const put of body.puts) {
    if (sizeBytes > 0 && sizeBytes + put.length > chunkSizeBytes) {
      yield { puts, deletes };
      yielded = true;
      puts = [];
      sizeBytes = 0;
    }
    puts.push(put);
    sizeBytes += put.length + 5;
  }
  for (const key of body.deletes) {
    if (sizeBytes > chunkSizeBytes) {
      yield { puts, deletes };
      yielded = true;
      puts = [];
      deletes = [];
      sizeBytes = 0;
    }
    deletes.push(key);
    sizeBytes += key.length + 5;
  }
  if (!yielded || puts.length + deletes.length > 0) yield { puts, deletes };
}

/** The frames of a transfer that does not fit one frame, or that replaces everything. Encoded as they are asked for. */
export function* transferFrames(
  mode: "delta" | "snapshot",
  body: Body,
  target: { readonly revision: number; readonly digest: string; readonly chunkSizeBytes: number },
): Generator<Uint8Array, void, void> {
  yield encodeFrame({ type: "begin", mode, revision: target.revision });
  for (const piece of pieces(body, target.chunkSizeBytes)) yield encodeFrame({ type: "chunk", ...piece });
  yield encodeFrame({ type: "end", revision: target.revision, digest: mode === "snapshot" ? target.digest : "" });
}
