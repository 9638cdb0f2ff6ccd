import type { Revision } from "@meridian/model";
import { encodeFrame } from "../protocol/codec.ts";
import type { Entry } from "../sync/entry.ts";
import { concerns } from "../sync/to-zone.ts";
import { bodyOf, type Delta, kindsOf, sizeBytesOf } from "../sync/transfer.ts";
import type { ZoneChange } from "./image.ts";

export interface ZonePush {
  readonly delta: Delta;
  readonly kinds: readonly string[];
  /** Encoded at the first call, then shared; undefined when it is too large for one frame. */
  readonly frame: () => Uint8Array | undefined;
}

/** What one reading of the log means for all zones: zones that get the same changes share one encoded frame. */
export class Push {
  readonly #changes: readonly ZoneChange[];
  readonly #revision: Revision;
  readonly #chunkSizeBytes: number;
  readonly #shared = new Map<string, ZonePush>();

  constructor(changes: readonly ZoneChange[], revision: Revision, chunkSizeBytes: number) {
    this.#changes = changes;
    this.#revision = revision;
    this.#chunkSizeBytes = chunkSizeBytes;
  }

  for(zone: string): ZonePush {
    const mine = this.#changes.map((change) => concerns(change.audience, zone));
    const signature = mine.every(Boolean) ? "all" : mine.map(Number).join("");
    let push = this.#shared.get(signature);
    if (!push) {
      push = this.#make(this.#changes.filter((_, index) => mine[index]));
      this.#shared.set(signature, push);
    }
    return push;
  }

  #make(changes: readonly ZoneChange[]): ZonePush {
    const delta = new Map<string, Entry | undefined>();
    for (const change of changes) delta.set(change.key, change.entry);
    let encoded: { readonly frame: Uint8Array | undefined } | undefined;
    const frame = (): Uint8Array | undefined => {
      if (!encoded) {
        const body = bodyOf(delta);
        const fits = sizeBytesOf(body) <= this.#chunkSizeBytes;
        encoded = { frame: fits ? encodeFrame({ type: "delta", revision: this.#revision, ...body }) : undefined };
      }
      return encoded.frame;
    };
    return { delta, kinds: kindsOf(delta), frame };
  }
}
