import { Backoff, type Logger } from "@meridian/base";
import type { Revision, ZoneProgress } from "@meridian/model";
import type { RefusalError } from "../errors.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Channel } from "../link/channel.ts";
import type { ZoneRequest } from "../ports.ts";
import { encodeFrame } from "../protocol/codec.ts";
import type { FrameOf, ZoneFrame } from "../protocol/frames.ts";
import { type Delta, kindsOf, pieces } from "../sync/transfer.ts";
import type { Image } from "./image.ts";
import type { HubMetrics } from "./metrics.ts";
import { Outbox } from "./outbox.ts";
import type { ZonePush } from "./push.ts";
import { Requests } from "./requests.ts";
import type { Uploads } from "./uploads.ts";
import type { ZoneInsightLog } from "./zone-insight.ts";

export interface SessionOptions {
  readonly zone: string;
  readonly instanceId: string;
  readonly connectedAtMs: number;
  readonly token: string | undefined;
  readonly channel: Channel<ZoneFrame>;
  readonly image: () => Image;
  readonly insight: ZoneInsightLog;
  readonly metrics: HubMetrics;
  readonly logger: Logger;
  readonly now: () => number;
  readonly window: number;
  readonly chunkSizeBytes: number;
  readonly resyncBackoff: { readonly initialMs: number; readonly maxMs: number };
  /** `policies`: everything about policies up to this revision has been said; undefined: the zone says nothing of them. */
  readonly onProgress: (progress: ZoneProgress, policies: Revision | undefined) => void;
  readonly onPolicies: (frame: FrameOf<ZoneFrame, "policies">) => void;
  readonly onSyncError: (reason: string | undefined) => void;
  readonly onInsights: (frame: FrameOf<ZoneFrame, "insights">) => void;
  readonly onStatistics: () => void;
}

/** One connected zone: what goes down to it, and what its frames mean. The socket is the channel's, the decisions the outbox's. */
export class ZoneSession {
  readonly options: SessionOptions;
  readonly requests: Requests;
  readonly #outbox: Outbox;
  readonly #backoff: Backoff;
  #uploads: Uploads | undefined;
  #resyncTimer: NodeJS.Timeout | undefined;
  #troubled = false;
  readonly ended = new AbortController();

  constructor(revision: Revision, options: SessionOptions) {
    this.options = options;
    this.requests = new Requests(options.zone, (frame) => this.send(frame));
    this.#backoff = new Backoff(options.resyncBackoff);
    this.#outbox = new Outbox(revision, {
      window: options.window,
      chunkSizeBytes: options.chunkSizeBytes,
      now: options.now,
      target: () => {
        const image = options.image();
        return { revision: image.revision, digest: image.digestFor(options.zone) };
      },
      send: (frame) => this.send(frame),
    });
  }

  get zone(): string {
    return this.options.zone;
  }

  get isIdle(): boolean {
    return this.#outbox.isIdle;
  }

  useUploads(uploads: Uploads): void {
    this.#uploads = uploads;
  }

  send(frame: Uint8Array): void {
    this.options.metrics.framesSent.inc();
    this.options.metrics.bytesSent.inc(frame.length);
    this.options.channel.send(frame);
  }

  offer(push: ZonePush): void {
    if (push.delta.size === 0) return;
    this.#count("responsesSent", push.kinds);
    this.#outbox.offer(push.delta, push.frame);
  }

  /** What the zone missed while it was away; nothing means that it is up to date. */
  resume(delta: Delta): void {
    this.#count("responsesSent", kindsOf(delta));
    this.#outbox.offer(delta);
    this.advance();
  }

  advance(): void {
    if (this.#outbox.isIdle) this.#outbox.advance();
  }

  snapshot(): void {
    clearTimeout(this.#resyncTimer);
    this.#resyncTimer = undefined;
    const everything = this.options.image().snapshotFor(this.zone);
    this.options.metrics.snapshots.inc();
    this.#count("responsesSent", kindsOf(everything));
    this.#outbox.snapshot(everything);
  }

  /** Ends the stream with a reason that both sides show. */
  refuse(refusal: RefusalError): void {
    this.options.channel.send(encodeFrame({ type: "refuse", code: refusal.code, message: refusal.message }));
    this.options.channel.closeWith(refusal);
    this.end();
  }

  end(): void {
    this.ended.abort();
    clearTimeout(this.#resyncTimer);
    this.requests.failAll();
  }

  async uploadsSettled(): Promise<void> {
    await this.#uploads?.settled();
  }

  ask(request: ZoneRequest, timeoutMs: number): Promise<string> {
    return this.requests.ask(request, timeoutMs);
  }

  onFrame(frame: ZoneFrame): void {
    switch (frame.type) {
      case "hello":
        throw new MalformedFrameError("a second hello");
      case "credit":
        this.#credit(frame.frames);
        return;
      case "ack":
        this.#acknowledged(frame);
        return;
      case "nack":
        this.#refused(frame);
        return;
      case "upload":
        this.#uploads?.take(frame);
        return;
      case "inventoryRequest":
        this.#sendInventory();
        return;
      case "insights":
        this.options.onInsights(frame);
        return;
      case "policies":
        this.options.onPolicies(frame);
        return;
      case "progress":
        this.options.onProgress(frame.progress, frame.policies);
        return;
      case "response":
        this.requests.onResponse(frame);
        return;
    }
  }

  #credit(frames: number): void {
    if (!this.#outbox.credit(frames)) throw new MalformedFrameError(`${frames} frames taken, more than were sent`);
  }

  #acknowledged(frame: FrameOf<ZoneFrame, "ack">): void {
    const { metrics, logger } = this.options;
    const acknowledged = this.#outbox.acknowledge(frame.frames, frame.revision, frame.digest);
    if (acknowledged) {
      metrics.acks.inc();
      metrics.pushSeconds.observe(acknowledged.latencyMs / 1000);
      this.#count("responsesAcknowledged", acknowledged.kinds);
      if (!acknowledged.digestMatches) {
        logger.warn({ zone: this.zone, revision: frame.revision }, "digest of the zone's replica differs, sending a snapshot");
        this.#resync(`its replica differed at revision ${frame.revision}`);
      } else if (this.#troubled) {
        this.#troubled = false;
        this.#backoff.reset();
        this.options.onSyncError(undefined);
      }
    }
    this.#credit(frame.frames);
  }

  #refused(frame: FrameOf<ZoneFrame, "nack">): void {
    const { metrics, logger } = this.options;
    metrics.nacks.inc();
    this.#count("responsesRejected", this.#outbox.awaitedKinds());
    logger.warn({ zone: this.zone, revision: frame.revision, code: frame.code, reason: frame.reason }, "zone could not apply");
    this.#resync(`revision ${frame.revision}: ${frame.reason}`);
    this.#credit(frame.frames);
  }

  #resync(reason: string): void {
    this.#troubled = true;
    this.#outbox.hold();
    this.options.onSyncError(reason);
    this.#resyncTimer ??= setTimeout(() => this.snapshot(), this.#backoff.nextDelayMs());
  }

  #sendInventory(): void {
    const held = this.options.image().uploadsOf(this.zone);
    const puts = held.map(({ key }) => Buffer.from(key));
    let index = 0;
    for (const piece of pieces({ puts, deletes: [] }, this.options.chunkSizeBytes)) {
      const part = held.slice(index, index + piece.puts.length);
      index += piece.puts.length;
      const hashes = Buffer.alloc(part.length * 16);
      for (const [position, { hash }] of part.entries()) writeHash(hashes, position * 16, hash);
      const keys = part.map(({ key }) => key);
      this.send(encodeFrame({ type: "inventory", keys, hashes, last: index >= held.length }));
    }
  }

  #count(event: "responsesSent" | "responsesAcknowledged" | "responsesRejected", kinds: readonly string[]): void {
    this.options.insight.count(event, kinds, new Date(this.options.now()).toISOString());
    this.options.onStatistics();
  }
}

function writeHash(target: Buffer, offset: number, hash: bigint): void {
  target.writeBigUInt64BE(hash >> 64n, offset);
  target.writeBigUInt64BE(BigInt.asUintN(64, hash), offset + 8);
}
