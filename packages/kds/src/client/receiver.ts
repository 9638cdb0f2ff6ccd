import { errorMessage, type Logger, MeridianError } from "@meridian/base";
import type { Revision } from "@meridian/model";
import type { FrameOf, HubFrame, ZoneFrame } from "../protocol/frames.ts";
import { ShapeError } from "../protocol/shapes.ts";
import { checkKeyText } from "../sync/entry.ts";
import { type Replica, readPut, type Steps } from "./replica.ts";

export type DataFrame = FrameOf<HubFrame, "delta" | "begin" | "chunk" | "end" | "advance">;

export interface ReceiverOptions {
  readonly replica: Replica;
  readonly globalId: string;
  readonly logger: Logger;
  readonly send: (frame: ZoneFrame) => void;
  readonly onApplied: (globalRevision: Revision, localRevision: Revision) => void;
}

/**
 * Applies what comes down one stream, in order. Deltas that arrive while a commit is under way become one commit: a zone that falls
 * behind catches up in one step. What cannot be applied is answered with a NACK, and the replica stays as it was until the global
 * sends a snapshot.
 */
export class Receiver {
  readonly #options: ReceiverOptions;
  #queue: DataFrame[] = [];
  #frames = 0;
  #staged: { readonly mode: "delta" | "snapshot"; readonly steps: Steps } | undefined;
  #broken = false;
  #working: Promise<void> | undefined;
  #ended = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  take(frame: DataFrame): void {
    this.#queue.push(frame);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Ends the stream: what is being committed is finished, the rest is dropped. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#queue = [];
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let frame = this.#queue.shift(); frame; frame = this.#queue.shift()) {
      this.#frames += 1;
      try {
        await this.#handle(frame);
      } catch (error) {
        this.#refuse(frame, error);
      }
    }
  }

  async #handle(frame: DataFrame): Promise<void> {
    if (frame.type === "begin") {
      this.#staged = { mode: frame.mode, steps: new Map() };
      if (frame.mode === "snapshot") this.#broken = false;
      return this.#credit();
    }
    if (this.#broken) return this.#credit();
    if (frame.type === "chunk") {
      if (!this.#staged) throw new ShapeError("chunk: outside a transfer");
      readInto(this.#staged.steps, frame);
      return this.#credit();
    }
    if (frame.type === "end") return this.#finishTransfer(frame);
    return this.#applyDeltas(frame);
  }

  async #finishTransfer(frame: FrameOf<HubFrame, "end">): Promise<void> {
    const { replica, globalId } = this.#options;
    const staged = this.#staged;
    this.#staged = undefined;
    if (!staged) throw new ShapeError("end: outside a transfer");
    const localRevision =
      staged.mode === "snapshot"
        ? await replica.applySnapshot(staged.steps, frame.revision, { digest: frame.digest, globalId })
        : await replica.applyDelta(staged.steps, frame.revision);
    this.#applied(frame.revision, localRevision);
  }

  async #applyDeltas(first: FrameOf<HubFrame, "delta" | "advance">): Promise<void> {
    const steps: Steps = new Map();
    let { revision } = first;
    if (first.type === "delta") readInto(steps, first);
    for (let next = this.#queue[0]; next?.type === "delta" || next?.type === "advance"; next = this.#queue[0]) {
      this.#queue.shift();
      this.#frames += 1;
      if (next.type === "delta") readInto(steps, next);
      revision = next.revision;
    }
    this.#applied(revision, await this.#options.replica.applyDelta(steps, revision));
  }

  #applied(revision: Revision, localRevision: Revision): void {
    this.#options.onApplied(revision, localRevision);
    if (this.#ended) return;
    this.#options.send({ type: "ack", frames: this.#frames, revision, digest: this.#options.replica.digest });
  }

  #credit(): void {
    this.#options.send({ type: "credit", frames: this.#frames });
  }

  #refuse(frame: DataFrame, error: unknown): void {
    this.#broken = true;
    this.#staged = undefined;
    const revision = "revision" in frame ? frame.revision : this.#options.replica.revision;
    const code = error instanceof MeridianError ? error.code : error instanceof ShapeError ? "MALFORMED_ENTRY" : "INTERNAL";
    const reason = errorMessage(error).slice(0, 2000);
    this.#options.logger.error({ revision, code, reason }, "what the global sent could not be applied");
    this.#options.send({ type: "nack", frames: this.#frames, revision, code, reason });
  }
}

/** Later steps win, and a key that is put again moves to the end. */
function readInto(steps: Steps, body: { readonly puts: readonly Uint8Array[]; readonly deletes: readonly string[] }): void {
  for (const key of body.deletes) {
    checkKeyText(key);
    steps.set(key, undefined);
  }
  for (const put of body.puts) {
    const { key, ...step } = readPut(put);
    steps.set(key, step);
  }
}
