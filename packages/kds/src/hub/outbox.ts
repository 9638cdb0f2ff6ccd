import type { Revision } from "@meridian/model";
import { encodeFrame } from "../protocol/codec.ts";
import { type Digest, digestText } from "../sync/digest.ts";
import type { Entry } from "../sync/entry.ts";
import { bodyOf, type Delta, kindsOf, sizeBytesOf, transferFrames } from "../sync/transfer.ts";

/** What the zone should hold now. */
export interface Target {
  readonly revision: Revision;
  readonly digest: Digest;
}

export interface OutboxOptions {
  /** Data frames in flight. */
  readonly window: number;
  readonly chunkSizeBytes: number;
  readonly now: () => number;
  readonly target: () => Target;
  readonly send: (frame: Uint8Array) => void;
}

/** A frame that the zone has to acknowledge. */
interface Awaited {
  readonly frames: number;
  readonly revision: Revision;
  readonly digest: Digest;
  readonly sentAtMs: number;
  readonly kinds: readonly string[];
}

interface Transfer {
  readonly frames: Iterator<Uint8Array, void>;
  upcoming: IteratorResult<Uint8Array, void>;
  readonly target: Target;
  readonly kinds: readonly string[];
}

export interface Acknowledged {
  /** The zone holds exactly what it should. */
  readonly digestMatches: boolean;
  readonly latencyMs: number;
  readonly kinds: readonly string[];
}

/**
 * What still has to go to one zone. While credit lasts, a change goes out at once; when the zone is slow, changes merge into one
 * delta per key, so that it gets the newest state and not every state between. No socket in here.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #pending = new Map<string, Entry | undefined>();
  #advance = false;
  #transfer: Transfer | undefined;
  #sent = 0;
  #taken = 0;
  #awaited: Awaited[] = [];
  #held = false;
  sentRevision: Revision;

  constructor(revision: Revision, options: OutboxOptions) {
    this.sentRevision = revision;
    this.#options = options;
  }

  /** Nothing waits to be sent or acknowledged. */
  get isIdle(): boolean {
    return !this.#held && this.#pending.size === 0 && !this.#transfer && this.#awaited.length === 0;
  }

  get inFlight(): number {
    return this.#sent - this.#taken;
  }

  /**
   * Takes what changed for this zone up to the target's revision.
   * @param shared the frame for exactly this delta, encoded once for all zones that get it; undefined when it is too large for one.
   */
  offer(delta: Delta, shared?: () => Uint8Array | undefined): void {
    if (this.#held || delta.size === 0) return;
    const idle = this.#pending.size === 0 && !this.#transfer && this.inFlight < this.#options.window;
    const frame = idle ? shared?.() : undefined;
    if (frame) {
      this.#sendAwaited(frame, this.#options.target(), kindsOf(delta));
      return;
    }
    for (const [key, entry] of delta) this.#pending.set(key, entry);
    this.pump();
  }

  /** Tells the zone that it is up to date with the target's revision, although nothing changed for it. */
  advance(): void {
    this.#advance = true;
    this.pump();
  }

  /** Replaces everything that the zone holds. What waited is part of it. */
  snapshot(everything: Delta): void {
    this.#held = false;
    this.#pending = new Map();
    this.#awaited = [];
    this.#start("snapshot", bodyOf(everything), this.#options.target(), kindsOf(everything));
    this.pump();
  }

  /** Stops sending until the next snapshot: the zone could not apply what it got. */
  hold(): void {
    this.#held = true;
    this.#pending = new Map();
    this.#transfer = undefined;
    this.#awaited = [];
  }

  /** @param frames how many data frames the zone has taken since the connection opened. @returns false if that cannot be. */
  credit(frames: number): boolean {
    if (frames > this.#sent) return false;
    this.#taken = Math.max(this.#taken, frames);
    this.pump();
    return true;
  }

  /** Kinds of everything that was not acknowledged yet. */
  awaitedKinds(): readonly string[] {
    return [...new Set(this.#awaited.flatMap((awaited) => awaited.kinds))];
  }

  acknowledge(frames: number, revision: Revision, digest: string): Acknowledged | undefined {
    const last = this.#awaited.findLast((awaited) => awaited.frames <= frames && awaited.revision === revision);
    if (!last) return undefined;
    const done = this.#awaited.filter((awaited) => awaited.frames <= last.frames);
    this.#awaited = this.#awaited.filter((awaited) => awaited.frames > last.frames);
    const oldestSentAtMs = done[0]?.sentAtMs ?? last.sentAtMs;
    return {
      digestMatches: digest === digestText(last.digest),
      latencyMs: this.#options.now() - oldestSentAtMs,
      kinds: [...new Set(done.flatMap((awaited) => awaited.kinds))],
    };
  }

  /** Sends what credit allows. */
  pump(): void {
    while (!this.#held && this.inFlight < this.#options.window) {
      if (this.#transfer) this.#continueTransfer(this.#transfer);
      else if (this.#pending.size > 0) this.#sendPending();
      else if (this.#advance) this.#sendAdvance();
      else return;
    }
  }

  #sendPending(): void {
    const delta = this.#pending;
    this.#pending = new Map();
    const target = this.#options.target();
    const body = bodyOf(delta);
    const kinds = kindsOf(delta);
    if (sizeBytesOf(body) > this.#options.chunkSizeBytes) this.#start("delta", body, target, kinds);
    else this.#sendAwaited(encodeFrame({ type: "delta", revision: target.revision, ...body }), target, kinds);
  }

  #sendAdvance(): void {
    this.#advance = false;
    const target = this.#options.target();
    if (target.revision > this.sentRevision) {
      this.#sendAwaited(encodeFrame({ type: "advance", revision: target.revision }), target, []);
    }
  }

  #start(mode: "delta" | "snapshot", body: ReturnType<typeof bodyOf>, target: Target, kinds: readonly string[]): void {
    const { chunkSizeBytes } = this.#options;
    const frames = transferFrames(mode, body, { revision: target.revision, digest: digestText(target.digest), chunkSizeBytes });
    this.#transfer = { frames, upcoming: frames.next(), target, kinds };
  }

  #continueTransfer(transfer: Transfer): void {
    if (transfer.upcoming.done) throw new Error("a transfer has at least one frame left while it is current");
    const frame = transfer.upcoming.value;
    transfer.upcoming = transfer.frames.next();
    if (transfer.upcoming.done) {
      // The last frame is the one that the zone acknowledges.
      this.#transfer = undefined;
      this.#sendAwaited(frame, transfer.target, transfer.kinds);
      return;
    }
    this.#sent += 1;
    this.#options.send(frame);
  }

  #sendAwaited(frame: Uint8Array, target: Target, kinds: readonly string[]): void {
    this.#sent += 1;
    this.#awaited.push({ ...target, frames: this.#sent, sentAtMs: this.#options.now(), kinds });
    this.sentRevision = target.revision;
    this.#advance = false;
    this.#options.send(frame);
  }
}
