import { Backoff, type Component, delay, type Logger } from "@meridian/base";
import type { ConfigEngine, ProxyUpdate, ViewChange } from "@meridian/generator";
import { keyText, type Resource, type ResourceKey, type Revision } from "@meridian/model";
import { CompactedError, type ResourceReader } from "@meridian/store";
import { AddressedChanges, type AddressedChangesOptions } from "./addressed-changes.ts";
import type { EgressHandovers } from "./egress-handovers.ts";
import { deletion, keyOf, LogTail, put } from "./log-tail.ts";
import { isServing, Newcomers } from "./newcomers.ts";
import { RevisionWaiters } from "./revision-waiters.ts";

/** One step of the view: what changed, and which proxies must take which patch. */
export interface ViewStep {
  /**
   * The same as that of the step before when no revision caused it, but an address that resolves differently. Between a revision and
   * the next where it follows from one that has not converged before proxies have acknowledged this step, too.
   */
  readonly revision: Revision;
  readonly changes: readonly ViewChange[];
  readonly updates: ReadonlyMap<string, ProxyUpdate>;
  /** Milliseconds that the engine took. */
  readonly engineMs: number;
}

export interface ViewFeedOptions extends Pick<AddressedChangesOptions, "lookup"> {
  readonly store: ResourceReader;
  /** Kinds that shape configs; others never reach the engine. */
  readonly kinds: readonly string[];
  readonly engine: Pick<ConfigEngine, "apply">;
  readonly handovers: Pick<EgressHandovers, "translate" | "ready">;
  readonly onStep: (step: ViewStep) => void;
  readonly logger: Logger;
  /** Milliseconds on a monotonic clock. */
  readonly monotonicMs: () => number;
  /** Share of the time since the last call that this process was busy, in [0, 1]. */
  readonly busyShare: () => number;
  /** How often host names in addresses are looked up again. Milliseconds. */
  readonly lookupIntervalMs: number;
}

/**
 * While the process is busier than this, steps of endpoints alone wait: a storm of joining proxies first gets its configs, and
 * then every client its endpoints, instead of every client each of the endpoints. An idle process never waits.
 */
const busyShare = 0.75;
const paceSliceMs = 50;
const longestPaceMs = 3_000;

/**
 * Keeps the engine's view equal to the store: loads everything once, then follows the log. The store's nudge says only that
 * something may have changed; the log is the truth, so a lost nudge costs nothing but time.
 */
export class ViewFeed implements Component {
  readonly name = "view feed";
  readonly #options: ViewFeedOptions;
  readonly #kinds: ReadonlySet<string>;
  readonly #tail: LogTail;
  readonly #addressed: AddressedChanges;
  readonly #abort = new AbortController();
  /** Everything in the view, so that a reload can tell what changed and what vanished. */
  readonly #known = new Map<string, Resource>();
  readonly #waiters = new RevisionWaiters();
  readonly #newcomers = new Newcomers();
  /** Let go and not yet offered to others. */
  readonly #released = new Set<string>();
  #revision: Revision = 0;
  #running: Promise<void> = Promise.resolve();
  /** Of the newest step. */
  #generation: Revision = 0;
  #steppedAtMs = 0;
  /** Proxies are being given a step: they may answer or leave meanwhile, but the next step has to wait. */
  #isHandingOut = false;

  constructor(options: ViewFeedOptions) {
    const { store, kinds, lookup, lookupIntervalMs, logger } = options;
    this.#options = options;
    this.#kinds = new Set(kinds);
    this.#tail = new LogTail(store, this.#kinds);
    this.#addressed = new AddressedChanges({
      ...{ lookup, logger },
      refreshMs: lookupIntervalMs,
      onChange: (changes) => this.#step(changes),
    });
  }

  /** The newest revision that the view reflects. */
  get revision(): Revision {
    return this.#revision;
  }

  /** What the view holds under a `keyText`. */
  resourceOf(key: string): Resource | undefined {
    return this.#known.get(key);
  }

  /** Proxies answered or left: what waited for them goes on. */
  answered(): void {
    if (this.#isHandingOut || this.#abort.signal.aborted) return;
    for (;;) {
      // 1/2, 2/3, 3/4 … behind the revision: halving what is left would come to the next revision after 50 steps.
      const generation = this.#revision + 1 / (2 - (this.#generation - this.#revision));
      const changes = this.#options.handovers.ready(generation);
      if (changes.length === 0) return;
      this.#generation = generation;
      this.#step(changes);
    }
  }

  /** A data plane or zone proxy connects: nobody is sent to it until `release`, unless it serves already. @param key its `keyText`. */
  hold(key: string): void {
    if (!isServing(this.#known.get(key))) this.#newcomers.hold(key);
  }

  /** It has taken its config, or is gone. */
  release(key: string): void {
    if (!this.#newcomers.release(key)) return;
    this.#released.add(key);
    if (this.#released.size > 1) return;
    if (this.#options.busyShare() < busyShare) this.#offerReleased();
    else void this.#offerWhenIdle();
  }

  async start(): Promise<void> {
    await this.#reload();
    this.#running = this.#follow();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#addressed.stop();
    this.#waiters.stop();
    await this.#running;
  }

  /** Resolves once the view reflects `revision`: at once when it does already. @throws MeridianError STOPPED */
  reached(revision: Revision): Promise<void> {
    return this.#revision >= revision ? Promise.resolve() : this.#waiters.reached(revision);
  }

  /** Never rejects. */
  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    const backoff = new Backoff({ initialMs: 250, maxMs: 10_000 });
    while (!signal.aborted) {
      try {
        for await (const newest of this.#options.store.watch(signal)) {
          await this.#catchUp(newest);
          backoff.reset();
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#options.logger.error({ err: error, revision: this.#revision }, "following the change log failed; trying again");
        await delay(backoff.nextDelayMs(), signal);
      }
    }
  }

  async #catchUp(newest: Revision): Promise<void> {
    if (newest > this.#tail.read) await this.#readAll();
    while (this.#tail.read > this.#revision && !this.#abort.signal.aborted) {
      await this.#pace();
      // What came while waiting joins the step.
      await this.#readAll();
      if (!this.#abort.signal.aborted) this.#apply(this.#tail.changes, this.#tail.read);
    }
  }

  /** Waits while the process has its hands full; a change of another kind ends the wait. */
  async #pace(): Promise<void> {
    const { busyShare: share, monotonicMs } = this.#options;
    const deadlineMs = this.#steppedAtMs + longestPaceMs;
    while (this.#tail.isOnlyEndpoints && !this.#abort.signal.aborted) {
      if (share() < busyShare || monotonicMs() >= deadlineMs) return;
      await this.#tail.grownOr(paceSliceMs, this.#abort.signal);
      await this.#readAll();
    }
  }

  async #readAll(): Promise<void> {
    try {
      while (await this.#tail.readOn());
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      await this.#reload();
    }
  }

  async #reload(): Promise<void> {
    const { store } = this.#options;
    // Read before the lists: what is committed meanwhile is read again from the log, and applying it twice changes nothing.
    const revision = await store.revision();
    const resources: Resource[] = [];
    for (const kind of this.#kinds) resources.push(...(await store.list(kind)));
    await this.#addressed.prepare(resources);
    const present = new Set(resources.map(keyText));
    const vanished = [...this.#known.entries()]
      .filter(([key]) => !present.has(key))
      .map(([, resource]) => deletion(bare(resource)));
    this.#apply([...vanished, ...resources.filter((resource) => !this.#isKnown(resource)).map(put)], revision);
  }

  /** A reload must not look as if everything had changed: certificates would be issued anew. */
  #isKnown(resource: Resource): boolean {
    const known = this.#known.get(keyText(resource));
    return known?.version === resource.version && known.modificationTime === resource.modificationTime;
  }

  #apply(changes: readonly ViewChange[], revision: Revision): void {
    const generated = this.#generate(changes, revision);
    for (const change of changes) {
      if (change.op === "put") this.#known.set(keyText(change.resource), change.resource);
      else this.#known.delete(keyText(keyOf(change)));
    }
    this.#revision = revision;
    this.#generation = revision;
    this.#tail.applied(revision);
    this.#handOut({ revision, changes, ...generated });
    this.#steppedAtMs = this.#options.monotonicMs();
    this.#waiters.advanced(revision);
    this.answered();
  }

  /** As with endpoints of the log: a storm of data planes that begin to listen becomes a few steps. Never rejects. */
  async #offerWhenIdle(): Promise<void> {
    const { busyShare: share, monotonicMs } = this.#options;
    const deadlineMs = this.#steppedAtMs + longestPaceMs;
    do await delay(paceSliceMs, this.#abort.signal);
    while (!this.#abort.signal.aborted && share() >= busyShare && monotonicMs() < deadlineMs);
    this.#offerReleased();
  }

  #offerReleased(): void {
    const resources = [...this.#released].map((key) => this.#known.get(key)).filter((resource) => resource !== undefined);
    this.#released.clear();
    this.#step(resources.map(put));
    this.#steppedAtMs = this.#options.monotonicMs();
  }

  /** What no revision caused: an address that resolves differently, a data plane that listens now. */
  #step(changes: readonly ViewChange[]): void {
    if (changes.length === 0 || this.#abort.signal.aborted) return;
    try {
      const revision = this.#generation;
      this.#handOut({ revision, changes: [], ...this.#generate(changes, revision) });
    } catch (error) {
      this.#options.logger.error({ err: error }, "what changed about a proxy without a revision could not be applied");
    }
  }

  #handOut(step: ViewStep): void {
    this.#isHandingOut = true;
    try {
      this.#options.onStep(step);
    } finally {
      this.#isHandingOut = false;
    }
  }

  #generate(changes: readonly ViewChange[], revision: Revision): Pick<ViewStep, "updates" | "engineMs"> {
    const startedMs = this.#options.monotonicMs();
    const addressed = this.#addressed.translate(this.#options.handovers.translate(this.#newcomers.translate(changes), revision));
    const updates = addressed.length > 0 ? this.#options.engine.apply(addressed) : new Map<string, ProxyUpdate>();
    return { updates, engineMs: this.#options.monotonicMs() - startedMs };
  }
}

function bare({ kind, mesh, name }: ResourceKey): ResourceKey {
  return { kind, mesh, name };
}
