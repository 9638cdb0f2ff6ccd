import { Backoff, delay, errorMessage, type Logger } from "@meridian/base";
import { keyText, parseKeyText, type Revision } from "@meridian/model";
import { type Store, UnavailableError } from "@meridian/store";
import type { UploadRejection } from "../ports.ts";
import type { FrameOf, HubFrame, ZoneFrame } from "../protocol/frames.ts";
import { type Digest, digestText, emptyDigest } from "../sync/digest.ts";
import type { Entry } from "../sync/entry.ts";
import { type Body, bodyOf, type Delta, pieces } from "../sync/transfer.ts";
import type { OwnResources } from "./own-resources.ts";

/** One connection to the global, as far as uploads need it. */
export interface UploadLink {
  readonly send: (frame: ZoneFrame) => void;
  /** Uploads that may be unacknowledged. */
  readonly window: number;
  /** The zone's local revision that the global holds, and the digest of what it holds of the zone. */
  readonly uploaded: Revision;
  readonly uploadDigest: string;
}

export interface UploaderOptions {
  readonly store: Store;
  readonly own: OwnResources;
  readonly logger: Logger;
  readonly onRejected: (rejected: readonly UploadRejection[]) => void;
}

/** A delta on its way, in pieces. */
interface Outgoing {
  readonly bodies: Iterator<Body, void>;
  upcoming: IteratorResult<Body, void>;
  readonly revision: Revision;
  readonly keys: ReadonlyMap<Uint8Array, string>;
}

interface Stream {
  readonly link: UploadLink;
  /** False until it is clear what the global lacks. */
  ready: boolean;
  readonly inventory: Map<string, Digest>;
  pending: Map<string, Entry | undefined>;
  outgoing: Outgoing | undefined;
  sent: number;
  acked: number;
  /** Keys of each unacknowledged frame, oldest first. */
  readonly inFlight: (readonly string[])[];
}

const chunkSizeBytes = 256 * 1024;

/**
 * Brings the zone's own resources to the global and keeps them there. After a reconnect it sends only what the global lacks: from
 * the revision that the global holds if the digest there is right, else after comparing what each side has.
 */
export class Uploader {
  readonly #options: UploaderOptions;
  readonly #rejected = new Map<string, UploadRejection>();
  #stream: Stream | undefined;
  #chain: Promise<void> = Promise.resolve();
  /** The local revision that `pending` is complete up to. */
  #reflected: Revision = 0;

  constructor(options: UploaderOptions) {
    this.#options = options;
  }

  /** Follows the zone's log until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, own, logger } = this.#options;
    const backoff = new Backoff({ initialMs: 50, maxMs: 5000 });
    for await (const revision of store.watch(signal)) {
      while (!signal.aborted && own.revision < revision) {
        try {
          await this.#inOrder(() => this.#follow());
          backoff.reset();
        } catch (error) {
          if (signal.aborted) return;
          if (!(error instanceof UnavailableError)) throw error;
          logger.warn({ reason: errorMessage(error) }, "own log not readable, trying again");
          await delay(backoff.nextDelayMs(), signal);
        }
      }
    }
  }

  /** A connection is there: finds out what the global lacks, then keeps it up to date. */
  async attach(link: UploadLink): Promise<void> {
    const stream: Stream = {
      link,
      ready: false,
      inventory: new Map(),
      pending: new Map(),
      outgoing: undefined,
      sent: 0,
      acked: 0,
      inFlight: [],
    };
    this.#stream = stream;
    await this.#inOrder(() => this.#resume(stream));
  }

  detach(): void {
    this.#stream = undefined;
  }

  onInventory(frame: FrameOf<HubFrame, "inventory">): void {
    const stream = this.#stream;
    if (!stream || stream.ready) return;
    const hashes = Buffer.from(frame.hashes.buffer, frame.hashes.byteOffset, frame.hashes.byteLength);
    for (const [index, key] of frame.keys.entries()) {
      if (hashes.length >= (index + 1) * 16) stream.inventory.set(key, readHash(hashes, index * 16));
    }
    if (!frame.last) return;
    const delta = new Map<string, Entry | undefined>();
    for (const key of stream.inventory.keys()) if (!this.#options.own.get(key)) delta.set(key, undefined);
    for (const { key, entry } of this.#options.own.all()) {
      if (stream.inventory.get(key) !== entry.hash) delta.set(key, entry);
    }
    stream.inventory.clear();
    this.#begin(stream, delta);
  }

  onAck(frame: FrameOf<HubFrame, "uploadAck">): void {
    const stream = this.#stream;
    if (!stream || frame.frames > stream.sent) return;
    const before = [...this.#rejected.keys()];
    for (const key of stream.inFlight.splice(0, frame.frames - stream.acked).flat()) this.#rejected.delete(key);
    stream.acked = Math.max(stream.acked, frame.frames);
    for (const { key, violations } of frame.rejected) this.#reject(key, violations);
    if (before.length > 0 || frame.rejected.length > 0) this.#options.onRejected([...this.#rejected.values()]);
    this.#pump(stream);
  }

  #reject(key: string, violations: UploadRejection["violations"]): void {
    const local = this.#options.own.get(key)?.local ?? parseKeyText(key);
    this.#rejected.set(key, { key: local, violations });
    this.#options.logger.warn({ resource: keyText(local), violations }, "the global does not take a resource of this zone");
  }

  /** One after the other: following the log and working out what the global lacks see the same state. */
  #inOrder(work: () => Promise<void>): Promise<void> {
    const next = this.#chain.then(work);
    this.#chain = next.catch(() => {});
    return next;
  }

  async #follow(): Promise<void> {
    const delta = await this.#options.own.follow();
    this.#reflected = this.#options.own.revision;
    const stream = this.#stream;
    // Before it is clear what the global lacks there is nothing to add: that will be worked out from the newest state.
    if (!stream?.ready) return;
    for (const [key, entry] of delta) stream.pending.set(key, entry);
    this.#pump(stream);
  }

  async #resume(stream: Stream): Promise<void> {
    const { own } = this.#options;
    const { uploaded, uploadDigest } = stream.link;
    await this.#follow();
    if (uploadDigest === digestText(own.digest)) return this.#begin(stream, new Map());
    if (uploadDigest === digestText(emptyDigest)) return this.#begin(stream, everything(own));
    const since = await own.since(uploaded);
    if (this.#stream !== stream) return;
    if (since && digestText(since.digestBefore) === uploadDigest) return this.#begin(stream, since.delta);
    this.#options.logger.info({ revision: uploaded }, "the global holds other resources of this zone than expected, comparing");
    stream.link.send({ type: "inventoryRequest" });
  }

  #begin(stream: Stream, delta: Delta): void {
    stream.ready = true;
    stream.pending = new Map(delta);
    this.#pump(stream);
  }

  #pump(stream: Stream): void {
    while (stream.ready && stream.sent - stream.acked < stream.link.window) {
      stream.outgoing ??= this.#takePending(stream);
      const { outgoing } = stream;
      if (!outgoing || outgoing.upcoming.done) return;
      const body = outgoing.upcoming.value;
      outgoing.upcoming = outgoing.bodies.next();
      const last = outgoing.upcoming.done === true;
      if (last) stream.outgoing = undefined;
      stream.sent += 1;
      stream.inFlight.push([...body.deletes, ...body.puts.flatMap((put) => outgoing.keys.get(put) ?? [])]);
      stream.link.send({ type: "upload", revision: outgoing.revision, last, ...body });
    }
  }

  #takePending(stream: Stream): Outgoing | undefined {
    const delta = stream.pending;
    if (delta.size === 0) return undefined;
    stream.pending = new Map();
    const keys = new Map<Uint8Array, string>();
    for (const [key, entry] of delta) if (entry) keys.set(entry.bytes, key);
    const bodies = pieces(bodyOf(delta), chunkSizeBytes);
    return { bodies, upcoming: bodies.next(), revision: this.#reflected, keys };
  }
}

function everything(own: OwnResources): Delta {
  const delta = new Map<string, Entry>();
  for (const { key, entry } of own.all()) delta.set(key, entry);
  return delta;
}

function readHash(hashes: Buffer, offset: number): Digest {
  return (hashes.readBigUInt64BE(offset) << 64n) | hashes.readBigUInt64BE(offset + 8);
}
