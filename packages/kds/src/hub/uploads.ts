import { Backoff, delay, errorMessage, type Logger } from "@meridian/base";
import { type KindRegistry, keyText, type ResourceInput, type ResourceKey, type Violation } from "@meridian/model";
import { type Change, type Store, UnavailableError } from "@meridian/store";
import { MalformedFrameError } from "../errors.ts";
import { encodeFrame } from "../protocol/codec.ts";
import type { FrameOf, ZoneFrame } from "../protocol/frames.ts";
import { ShapeError } from "../protocol/shapes.ts";
import { checkKeyText, decodeEntry } from "../sync/entry.ts";
import { checkUpload } from "../sync/to-global.ts";

type UploadFrame = FrameOf<ZoneFrame, "upload">;

export interface UploadsOptions {
  readonly zone: string;
  readonly store: Store;
  readonly kinds: KindRegistry;
  readonly logger: Logger;
  readonly admit: (resource: ResourceInput) => readonly Violation[];
  /** Owner of a key at the global, as far as this hub has read the log: a zone, "" for the global, undefined for nobody. */
  readonly ownerOf: (key: string) => string | undefined;
  /** Reads the log to its end. */
  readonly catchUp: () => Promise<void>;
  readonly send: (frame: Uint8Array) => void;
  readonly onMalformed: (error: MalformedFrameError) => void;
  readonly onRejected: (count: number) => void;
  /** Ends with the stream. */
  readonly signal: AbortSignal;
}

interface Rejected {
  readonly key: string;
  readonly violations: readonly Violation[];
}

/** Frames that a zone may have unacknowledged; see `welcome.window`. */
export const uploadWindow = 8;

/** Where the store of the global keeps how far a zone's uploads have come: the zone's local revision. */
export function uploadedMetaName(zone: string): string {
  return `kds.uploaded.${zone}`;
}

/**
 * Takes one zone's own resources into the global's store, in order, everything that waits as one commit. The zone's cursor is part
 * of the commit, so that after any crash the zone resumes exactly behind what is durable. A resource that the global does not take
 * is answered with the reasons and holds up nothing else.
 */
export class Uploads {
  readonly #options: UploadsOptions;
  #queue: UploadFrame[] = [];
  #frames = 0;
  #working: Promise<void> | undefined;

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  take(frame: UploadFrame): void {
    this.#queue.push(frame);
    if (this.#queue.length > uploadWindow) {
      this.#options.onMalformed(new MalformedFrameError(`more than ${uploadWindow} uploads without an acknowledgement`));
      return;
    }
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Resolves when nothing of this stream is on its way into the store. */
  async settled(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    const { logger, zone, signal, onMalformed } = this.#options;
    while (this.#queue.length > 0 && !signal.aborted) {
      // The frames stay in the queue meanwhile: they count against the window.
      const batch = [...this.#queue];
      try {
        const rejected = await this.#commit(batch);
        this.#queue.splice(0, batch.length);
        this.#frames += batch.length;
        this.#options.send(encodeFrame({ type: "uploadAck", frames: this.#frames, rejected }));
        if (rejected.length > 0) this.#options.onRejected(rejected.length);
      } catch (error) {
        if (error instanceof ShapeError) return onMalformed(new MalformedFrameError(error.message));
        if (signal.aborted) return;
        logger.error({ zone, err: error }, "upload not taken");
        return onMalformed(new MalformedFrameError("the upload could not be taken"));
      }
    }
  }

  async #commit(batch: readonly UploadFrame[]): Promise<readonly Rejected[]> {
    const rejected: Rejected[] = [];
    const changes: Change[] = [];
    for (const frame of batch) {
      for (const put of frame.puts) {
        const { resource } = decodeEntry(put);
        const violations = this.#violationsOf(resource);
        if (violations.length > 0) rejected.push({ key: keyText(resource), violations });
        else changes.push({ op: "put", resource });
      }
      for (const text of frame.deletes) {
        const key = checkKeyText(text);
        if (await this.#mayDelete(key)) changes.push({ op: "delete", key });
      }
    }
    const last = batch.findLast((frame) => frame.last);
    const meta = last ? { [uploadedMetaName(this.#options.zone)]: String(last.revision) } : {};
    await this.#write(changes, meta, rejected);
    return rejected;
  }

  #violationsOf(resource: ResourceInput): readonly Violation[] {
    const { zone, kinds, ownerOf, admit } = this.#options;
    const violations = checkUpload(resource, zone, kinds);
    if (violations.length > 0) return violations;
    const owner = ownerOf(keyText(resource));
    if (owner !== undefined && owner !== zone) {
      const holder = owner === "" ? "the global" : `zone ${owner}`;
      return [{ path: "name", message: `this name is taken by a resource of ${holder}` }];
    }
    return admit(resource);
  }

  async #mayDelete(key: ResourceKey): Promise<boolean> {
    const { zone, ownerOf, catchUp } = this.#options;
    // What was uploaded a moment ago may not have come around through the log yet.
    if (ownerOf(keyText(key)) === undefined) await catchUp();
    return ownerOf(keyText(key)) === zone;
  }

  async #write(changes: readonly Change[], meta: Readonly<Record<string, string>>, rejected: Rejected[]): Promise<void> {
    try {
      await this.#commitPatiently(changes, meta);
    } catch (error) {
      if (this.#options.signal.aborted || changes.length === 0) throw error;
      // One of them is such that the store refuses it: find it, keep the others.
      for (const change of changes) await this.#writeOne(change, rejected);
      await this.#commitPatiently([], meta);
    }
  }

  async #writeOne(change: Change, rejected: Rejected[]): Promise<void> {
    try {
      await this.#commitPatiently([change], {});
    } catch (error) {
      if (this.#options.signal.aborted) throw error;
      const key = keyText(change.op === "put" ? change.resource : change.key);
      this.#options.logger.warn({ zone: this.#options.zone, key, reason: errorMessage(error) }, "the store refuses an upload");
      rejected.push({ key, violations: [{ path: "", message: "the global's store cannot hold it" }] });
    }
  }

  /** The database being away is no reason to bother the zone: it waits, and merges what it would have sent. */
  async #commitPatiently(changes: readonly Change[], meta: Readonly<Record<string, string>>): Promise<void> {
    const { store, zone, signal, logger } = this.#options;
    const backoff = new Backoff({ initialMs: 100, maxMs: 5000 });
    for (;;) {
      try {
        await store.commit(changes, { author: `zone:${zone}` }, { meta });
        return;
      } catch (error) {
        if (!(error instanceof UnavailableError) || signal.aborted) throw error;
        logger.warn({ zone, reason: error.message }, "upload waits for the store");
        await delay(backoff.nextDelayMs(), signal);
        if (signal.aborted) throw error;
      }
    }
  }
}
