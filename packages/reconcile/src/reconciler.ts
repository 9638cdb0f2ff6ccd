import { Backoff, type Component, delay, errorMessage, Latest } from "@meridian/base";
import { type DataplaneSpec, keyText, parseKeyText, type ResourceKey } from "@meridian/model";
import { hostOf, isServiceKind } from "@meridian/services";
import { type Author, CompactedError, ConflictError } from "@meridian/store";
import { Alarms } from "./alarms.ts";
import { LogFollower } from "./log-follower.ts";
import { type Due, type Plan, planWrites } from "./plan.ts";
import type { ReconcilerOptions } from "./ports.ts";
import { insightKind, proxyStateOf } from "./proxy-states.ts";
import { followedKinds, State } from "./state/state.ts";
import { writeRequests } from "./write-requests.ts";

const author: Author = { author: "mesh services" };
const defaultGraceMs = 3_600_000;
const defaultCountsIntervalMs = 1_000;
const defaultBurstIntervalMs = 100;
/** Insights that another replica wrote are read this often. */
const refreshIntervalMs = 60_000;

/**
 * Keeps what follows from other resources as it should be: generated MeshServices and Workloads, the states of services, their addresses
 * and host names. Level-triggered: a change only says which keys to look at; what they should be is worked out from the whole state,
 * and only differences are written. So it can start anywhere, miss nothing, and run in several replicas at once: the one whose
 * expectation fails reads the log and finds nothing left to do.
 */
export class Reconciler implements Component {
  readonly name = "mesh services";
  readonly #options: ReconcilerOptions;
  readonly #log: LogFollower;
  readonly #abort = new AbortController();
  readonly #alarms = new Alarms();
  /** Something is to be done. */
  readonly #wake = new Latest(0);
  #state: State;
  #due = new Map<string, Due>();
  /** Whose counts wait. */
  readonly #patient = new Map<string, ResourceKey>();
  /** Services that found no address free. */
  readonly #starved = new Map<string, ResourceKey>();
  #isLoaded = false;
  #countsWrittenMs = Number.NEGATIVE_INFINITY;
  #writtenMs = Number.NEGATIVE_INFINITY;
  #running: Promise<unknown> = Promise.resolve();
  #unsubscribe: () => void = () => {};

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#log = new LogFollower(options.store, followedKinds[options.place.role]);
    this.#state = this.#newState();
  }

  /** Begins in the background: a store that is away delays what it writes, not the start of the process. */
  async start(): Promise<void> {
    this.#unsubscribe = this.#options.insights?.subscribe((change) => this.#onInsights(change)) ?? this.#unsubscribe;
    this.#running = Promise.all([this.#listen(), this.#run()]);
    if (this.#options.insights) this.#scheduleRefresh();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#unsubscribe();
    this.#alarms.clear();
    await this.#running;
  }

  /** Never rejects. */
  async #listen(): Promise<void> {
    const { store, logger } = this.#options;
    const { signal } = this.#abort;
    const backoff = new Backoff({ initialMs: 250, maxMs: 10_000 });
    while (!signal.aborted) {
      try {
        for await (const _revision of store.watch(signal)) {
          this.#nudge();
          backoff.reset();
        }
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ reason: errorMessage(error) }, "the change log cannot be watched; trying again");
        await delay(backoff.nextDelayMs(), signal);
      }
    }
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { signal } = this.#abort;
    const backoff = new Backoff({ initialMs: 20, maxMs: 10_000 });
    for await (const _wake of this.#wake.changes(signal)) {
      try {
        await this.#settle();
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        // Someone else wrote at the same moment: the log says what.
        if (!(error instanceof ConflictError)) {
          this.#options.logger.warn({ reason: errorMessage(error) }, "services could not be brought up to date; trying again");
        }
        await delay(backoff.nextDelayMs(), signal);
        this.#nudge();
      }
    }
  }

  async #settle(): Promise<void> {
    if (!this.#isLoaded) await this.#load();
    await this.#follow();
    if (this.#due.size === 0 || this.#isBurst()) return;
    const due = this.#due;
    this.#due = new Map();
    const plan = this.#plan(due.values());
    try {
      await this.#write(plan);
    } catch (error) {
      for (const { kind, key } of plan.allocated) this.#state.services.vips.release(kind, key);
      this.#releaseNames(plan.allocatedNames);
      for (const one of due.values()) this.#look(one.key, one.withCounts);
      throw error;
    }
  }

  /** Waits with the second write of a burst; the first is never delayed. */
  #isBurst(): boolean {
    const { burstIntervalMs = defaultBurstIntervalMs } = this.#options;
    const waitMs = this.#writtenMs + burstIntervalMs - performance.now();
    if (waitMs <= 0) return false;
    if (!this.#alarms.has("burst")) this.#alarms.set("burst", waitMs, () => this.#nudge());
    return true;
  }

  #plan(due: Iterable<Due>): Plan {
    const { place, graceMs = defaultGraceMs, countsIntervalMs = defaultCountsIntervalMs, logger, clock } = this.#options;
    const waitMs = this.#countsWrittenMs + countsIntervalMs - performance.now();
    const plan = planWrites(due, {
      state: this.#state,
      place: place.role === "zone" ? place : { zone: "", env: "universal" },
      isZone: place.role === "zone",
      nowMs: clock.now(),
      graceMs,
      mayWriteCounts: waitMs <= 0,
      lookAgain: (key, afterMs) => this.#alarms.set(keyText(key), afterMs, () => this.#look(key, true)),
      onExhausted: (key, error) => {
        this.#starved.set(keyText(key), key);
        logger.error({ service: keyText(key), reason: errorMessage(error) }, "a service gets no address");
      },
    });
    this.#wait(plan.patient, waitMs);
    if (waitMs <= 0 && plan.statuses.length > 0) this.#countsWrittenMs = performance.now();
    return plan;
  }

  /** All counts that wait are written together: one by one, each would make the next wait again. */
  #wait(patient: readonly Due[], waitMs: number): void {
    for (const { key } of patient) this.#patient.set(keyText(key), key);
    if (this.#patient.size === 0 || this.#alarms.has("counts")) return;
    this.#alarms.set("counts", waitMs, () => {
      for (const key of this.#patient.values()) this.#look(key, true);
      this.#patient.clear();
    });
  }

  async #write({ requests, statuses, names, allocatedNames, guard }: Plan): Promise<void> {
    const { admission, store, logger } = this.#options;
    if (requests.length + statuses.length + names.length === 0) return;
    // Their statuses come next, once the log has told of them.
    const refused = await writeRequests(
      requests.map(({ request }) => request),
      { admission, author, logger },
    );
    for (const { request, due } of requests) if (!refused.has(request)) this.#look(due.key, due.withCounts);
    if (requests.length > 0) this.#putOff(names, allocatedNames);
    // One commit, so that one guard holds for every address in it.
    const changes = [...statuses, ...(requests.length > 0 ? [] : names)].map(({ change }) => change);
    if (changes.length > 0) await store.commit([...guard, ...changes], author);
    // What was just made gets its status at once.
    if (requests.length === 0) this.#writtenMs = performance.now();
  }

  /** Names are written together with the addresses of what was just made. */
  #putOff(names: Plan["names"], allocated: Plan["allocatedNames"]): void {
    this.#releaseNames(allocated);
    for (const { due } of names) this.#look(due.key, false);
  }

  #releaseNames(allocated: Plan["allocatedNames"]): void {
    for (const key of allocated) this.#state.names.release(key.mesh, hostOf(key) ?? "");
  }

  async #load(): Promise<void> {
    this.#state = this.#newState();
    for (const resource of await this.#log.load()) this.#state.put(resource);
    // A data plane that went while nobody looked left no trace but in the counts.
    for (const { key } of [...this.#due.values()]) this.#look(key, true);
    if (this.#options.insights) await this.#refresh();
    this.#isLoaded = true;
    await this.#watchMeshes();
  }

  async #follow(): Promise<void> {
    try {
      const entries = await this.#log.next();
      for (const entry of entries) this.#state.apply(entry);
      if (entries.some(({ op, key }) => op === "delete" && holdsAddress(key))) this.#feedStarved();
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      this.#isLoaded = false;
      return this.#load();
    }
    await this.#watchMeshes();
  }

  #feedStarved(): void {
    for (const key of this.#starved.values()) this.#look(key, false);
    this.#starved.clear();
  }

  async #watchMeshes(): Promise<void> {
    for (const mesh of this.#state.unwatched()) {
      this.#state.watch(mesh, await this.#options.store.list<DataplaneSpec>("Dataplane", { mesh }));
      for (const { kind, name } of this.#state.services.meshServices(mesh)) this.#look({ kind, mesh, name }, true);
    }
  }

  #onInsights({ put, deleted }: Parameters<Parameters<NonNullable<ReconcilerOptions["insights"]>["subscribe"]>[0]>[0]): void {
    for (const { key, value } of put) {
      if (key.kind === insightKind) this.#state.dataPlanes.proxyChanged(key, proxyStateOf(value));
    }
    for (const key of deleted) if (key.kind === insightKind) this.#state.dataPlanes.proxyChanged(key, undefined);
  }

  #scheduleRefresh(): void {
    this.#alarms.set("refresh", refreshIntervalMs, () => {
      void this.#refresh()
        .catch((error: unknown) => {
          this.#options.logger.warn({ reason: errorMessage(error) }, "insights could not be read; trying again in a minute");
        })
        .finally(() => {
          if (!this.#abort.signal.aborted) this.#scheduleRefresh();
        });
    });
  }

  async #refresh(): Promise<void> {
    const { dataPlanes } = this.#state;
    const gone = new Set(dataPlanes.proxies());
    for (const { key, value } of await this.#options.store.listStatus(insightKind)) {
      gone.delete(keyText({ ...key, kind: "Dataplane" }));
      dataPlanes.proxyChanged(key, proxyStateOf(value));
    }
    for (const key of gone) dataPlanes.proxyChanged(parseKeyText(key), undefined);
  }

  #newState(): State {
    const { place } = this.#options;
    return new State({
      zone: place.role === "zone" ? place.zone : "",
      onMembers: (key) => this.#look(key, true),
      onContent: (key) => this.#look(key, false),
      ...(this.#options.vipNetworks && { vipNetworks: this.#options.vipNetworks }),
      ...(this.#options.names && { names: this.#options.names }),
    });
  }

  #look({ kind, mesh, name }: ResourceKey, withCounts: boolean): void {
    const key = { kind, mesh, name };
    this.#due.set(keyText(key), { key, withCounts: withCounts || this.#due.get(keyText(key))?.withCounts === true });
    this.#nudge();
  }

  #nudge(): void {
    this.#wake.set(this.#wake.value + 1);
  }
}

function holdsAddress(key: ResourceKey): boolean {
  return isServiceKind(key.kind) || hostOf(key) !== undefined;
}
