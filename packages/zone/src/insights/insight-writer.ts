import type { Clock } from "@meridian/base";
import type { TypeUrl } from "@meridian/envoy";
import type { Rejection, ResourceKey } from "@meridian/model";
import type { StatusStore } from "@meridian/store";
import type { ProxySession } from "../proxies/proxy-session.ts";
import { EarliestTimer } from "./earliest-timer.ts";
import { earlierSubscriptions, type ProxyInsight } from "./insight.ts";
import { ProxyRecord, type ResponseEvent } from "./proxy-record.ts";

/** Counters move with every push to every proxy; ten seconds (as the peer) keep them from costing more than the pushes. */
const countersPatience = 10;

export interface InsightWriterOptions {
  readonly store: StatusStore;
  readonly clock: Clock;
  readonly instanceId: string;
  /** Shortest time between two writes of the same insight. */
  readonly flushIntervalMs: number;
  /** Insights could not be written; it is tried again after the interval. */
  readonly onError: (error: unknown) => void;
}

/** Keeps the insight of every proxy in memory and writes what changed, batched, at most once an interval (design decision 1). */
export class InsightWriter {
  readonly #options: InsightWriterOptions;
  readonly #records = new Map<string, ProxyRecord>();
  readonly #dirty = new Set<string>();
  readonly #timer: EarliestTimer;
  /** Writes follow one another. Never rejects. */
  #writing: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: InsightWriterOptions) {
    this.#options = options;
    this.#timer = new EarliestTimer(
      () => options.clock.now(),
      () => this.#after(() => this.#flush()),
    );
  }

  connected({ id, proxy, identity }: ProxySession): void {
    const now = this.#now();
    const before = this.#records.get(id);
    const { mesh, name } = proxy.description;
    const record = new ProxyRecord({
      key: { kind: `${proxy.kind}Insight`, mesh, name },
      instanceId: this.#options.instanceId,
      metadata: proxy.metadata,
      now,
      earlier: before && earlierSubscriptions(before.insight(now), now),
    });
    if (identity) record.certified(identity);
    this.#records.set(id, record);
    this.#touch(id);
  }

  counted({ id }: ProxySession, event: ResponseEvent, typeUrl: TypeUrl): void {
    this.#records.get(id)?.counted(event, typeUrl);
    this.#touch(id, countersPatience);
  }

  certified({ id, identity }: ProxySession): void {
    if (identity) this.#records.get(id)?.certified(identity);
    this.#touch(id);
  }

  rejection({ id }: ProxySession, rejection: Rejection | undefined): void {
    const record = this.#records.get(id);
    if (!record || record.rejection === rejection) return;
    record.rejection = rejection;
    this.#touch(id);
  }

  disconnected({ id }: ProxySession): void {
    const record = this.#records.get(id);
    if (record) record.disconnectTime = this.#now();
    this.#touch(id);
  }

  /** The proxy's resource is gone, and its insight with it: one that is still being written must not outlive it. */
  removed(id: string, { kind }: ResourceKey): void {
    const record = this.#records.get(id);
    if (record?.key.kind !== `${kind}Insight`) return;
    this.#records.delete(id);
    this.#dirty.delete(id);
    this.#after(async () => {
      if (!this.#records.has(id)) await this.#options.store.deleteStatus([record.key]);
    });
  }

  /** Writes what is not written yet. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer.stop();
    this.#after(() => this.#flush());
    await this.#writing;
  }

  /** @param patience how many intervals the change may wait; what an operator looks for waits one. */
  #touch(id: string, patience = 1): void {
    if (!this.#records.has(id)) return;
    this.#dirty.add(id);
    if (!this.#isStopped) this.#timer.within(patience * this.#options.flushIntervalMs);
  }

  #after(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch(this.#options.onError);
  }

  async #flush(): Promise<void> {
    const ids = [...this.#dirty];
    this.#dirty.clear();
    try {
      await this.#write(ids);
    } catch (error) {
      for (const id of ids) this.#touch(id);
      throw error;
    }
  }

  async #write(ids: readonly string[]): Promise<void> {
    const { store } = this.#options;
    for (const id of ids) await this.#readEarlier(this.#records.get(id));
    const records = ids.flatMap((id) => this.#records.get(id) ?? []);
    const now = this.#now();
    if (records.length > 0) await store.putStatus(records.map((record) => ({ key: record.key, value: record.insight(now) })));
    for (const id of ids) this.#forgetEnded(id);
  }

  async #readEarlier(record: ProxyRecord | undefined): Promise<void> {
    if (!record || record.earlier) return;
    const stored = await this.#options.store.getStatus<ProxyInsight>(record.key);
    record.earlier = earlierSubscriptions(stored?.value, record.connectTime);
  }

  #forgetEnded(id: string): void {
    if (this.#records.get(id)?.disconnectTime !== undefined && !this.#dirty.has(id)) this.#records.delete(id);
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
