import { Backoff, type Clock, delay, errorMessage, type Logger } from "@meridian/base";
import { labelNames, type ResourceKey } from "@meridian/model";
import type { ResourceReader, StatusEntry, StatusStore } from "@meridian/store";
import { closedInsight, openInstanceOf, type ProxyInsight } from "../insights/insight.ts";
import { proxyIdOf, proxyKinds } from "../proxies/proxy-description.ts";
import { registeredLabels } from "./registered-resource.ts";
import type { Registration } from "./registration.ts";
import type { Replicas } from "./replicas.ts";

export interface LeftoversOptions {
  readonly store: ResourceReader & StatusStore;
  readonly registration: Registration;
  readonly replicas: Replicas;
  readonly instanceId: string;
  readonly isConnected: (proxyId: string) => boolean;
  /** How long after the start proxies may take to come back. Milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * What an earlier run of this control plane left behind when it was killed: insights that call proxies connected, which nobody
 * knows now, and resources of proxies that stopped meanwhile. The first are corrected at once; the second go when their proxies
 * have not come back in time.
 */
export class Leftovers {
  readonly #options: LeftoversOptions;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: LeftoversOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    await this.#untilDone(() => this.#correctInsights());
    await delay(this.#options.timeoutMs, this.#abort.signal);
    await this.#untilDone(() => this.#removeResources());
  }

  async #untilDone(work: () => Promise<void>): Promise<void> {
    const backoff = new Backoff({ initialMs: 1_000, maxMs: 30_000 });
    while (!this.#abort.signal.aborted) {
      try {
        return await work();
      } catch (error) {
        this.#options.logger.warn(
          { reason: errorMessage(error) },
          "what an earlier run left behind is not cleared; trying again",
        );
        await delay(backoff.nextDelayMs(), this.#abort.signal);
      }
    }
  }

  async #correctInsights(): Promise<void> {
    const { store, clock } = this.#options;
    const now = new Date(clock.now()).toISOString();
    for (const kind of Object.values(proxyKinds)) {
      const stale: StatusEntry[] = [];
      for (const entry of await store.listStatus<ProxyInsight>(`${kind}Insight`)) {
        if (!(await this.#isOfDeadInstance(entry.value)) || this.#isHere({ ...entry.key, kind })) continue;
        stale.push({ key: entry.key, value: closedInsight(entry.value, now) });
      }
      if (stale.length > 0) await store.putStatus(stale);
    }
  }

  async #removeResources(): Promise<void> {
    const { store, registration, logger } = this.#options;
    for (const kind of Object.values(proxyKinds)) {
      for (const resource of await store.list(kind, { labels: registeredLabels })) {
        const isOfOtherZone = resource.labels[labelNames.origin] === "global";
        if (isOfOtherZone || this.#isHere(resource) || this.#abort.signal.aborted) continue;
        logger.info({ proxy: proxyIdOf(resource) }, "a proxy did not come back since this control plane started");
        await registration.removeLeftover(proxyIdOf(resource) ?? "", resource);
      }
    }
  }

  #isHere(key: ResourceKey): boolean {
    return this.#options.isConnected(proxyIdOf(key) ?? "");
  }

  async #isOfDeadInstance(insight: ProxyInsight): Promise<boolean> {
    const { instanceId, replicas } = this.#options;
    const instance = openInstanceOf(insight);
    return instance !== undefined && instance !== instanceId && !(await replicas.isAlive(instance));
  }
}
