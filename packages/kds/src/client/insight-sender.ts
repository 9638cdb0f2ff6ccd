import { errorMessage, type Logger } from "@meridian/base";
import { canonicalJson, keyText, type ResourceKey, syncedName } from "@meridian/model";
import type { InsightSource } from "../ports.ts";
import type { ZoneFrame } from "../protocol/frames.ts";
import { pieces } from "../sync/transfer.ts";

export interface InsightLink {
  readonly send: (frame: ZoneFrame) => void;
  /** Bytes that wait in the socket. */
  readonly waitingBytes: () => number;
}

export interface InsightSenderOptions {
  readonly source: InsightSource;
  readonly zone: string;
  /** The name at the global of a resource of this zone, when it is known there. */
  readonly globalNameOf: (local: ResourceKey) => string | undefined;
  readonly intervalMs: number;
  readonly logger: Logger;
}

const chunkSizeBytes = 256 * 1024;
/** A link that does not drain gets insights later, and then the newest. */
const maxWaitingBytes = 4 * 1024 * 1024;

/** Sends what changed in the insights of the zone's proxies: at once, then at most once an interval, always the newest. */
export class InsightSender {
  readonly #options: InsightSenderOptions;
  /** The newest value by local key; `value` undefined: deleted. */
  #dirty = new Map<string, { readonly key: ResourceKey; readonly value: unknown }>();
  #link: InsightLink | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(options: InsightSenderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe = this.#options.source.subscribe(({ put, deleted }) => {
      for (const { key, value } of put) this.#dirty.set(keyText(key), { key, value });
      for (const key of deleted) this.#dirty.set(keyText(key), { key, value: undefined });
      this.#schedule();
    });
  }

  stop(): void {
    this.#unsubscribe?.();
    this.detach();
  }

  /** After a reconnect the global gets all of them: it may have missed some, and they are small. */
  attach(link: InsightLink): void {
    this.#link = link;
    this.#options.source
      .all()
      .then((entries) => {
        for (const { key, value } of entries) if (!this.#dirty.has(keyText(key))) this.#dirty.set(keyText(key), { key, value });
        this.#schedule();
      })
      .catch((error: unknown) => this.#options.logger.warn({ reason: errorMessage(error) }, "insights not readable"));
  }

  detach(): void {
    this.#link = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    if (!this.#link || this.#timer || this.#dirty.size === 0) return;
    setImmediate(() => this.#flush());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#schedule();
    }, this.#options.intervalMs);
  }

  #flush(): void {
    const link = this.#link;
    if (!link || link.waitingBytes() > maxWaitingBytes) return;
    const puts: Uint8Array[] = [];
    const deletes: string[] = [];
    for (const { key, value } of this.#dirty.values()) {
      const { kind, mesh } = key;
      const name = this.#globalName(key);
      if (value === undefined) deletes.push(keyText({ kind, mesh, name }));
      else puts.push(Buffer.from(canonicalJson({ kind, mesh, name, value })));
    }
    this.#dirty = new Map();
    if (puts.length + deletes.length === 0) return;
    for (const body of pieces({ puts, deletes }, chunkSizeBytes)) link.send({ type: "insights", ...body });
  }

  /** An insight has the name of the proxy that it is about. */
  #globalName({ kind, mesh, name }: ResourceKey): string {
    const proxy = { kind: kind.replace(/Insight$/, ""), mesh, name };
    return this.#options.globalNameOf(proxy) ?? syncedName(name, mesh, this.#options.zone);
  }
}
