import { Agent } from "node:http";
import { errorMessage } from "@meridian/base";
import { waitFor } from "@meridian/testkit";
import { type HttpAnswer, http } from "./http.ts";
import type { UpstreamAnswer } from "./upstream.ts";

export interface TrafficOptions {
  /** Requests started per second, whether or not earlier ones were answered: as users do. */
  readonly perSecond?: number;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TrafficFailure {
  /** Milliseconds of the process's clock when the request was sent and when it failed. */
  readonly sentMs: number;
  readonly failedMs: number;
  readonly reason: string;
}

/** What was answered since the start or the last `reset`. */
export interface TrafficCounts {
  answered: number;
  /** `v1 in east` → answers. */
  readonly by: Map<string, number>;
  readonly failures: TrafficFailure[];
}

/** An answer that comes later is a failure: more than the mesh's own limit of 15 s, which Envoy tells. */
const patienceMs = 20_000;

/** A steady stream of requests to one address, as an application behind its sidecar sends them. */
export class Traffic {
  readonly #url: string;
  readonly #options: TrafficOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 });
  readonly #open = new Set<Promise<void>>();
  readonly #listeners = new Set<(answer: UpstreamAnswer) => void>();
  readonly #timer: NodeJS.Timeout;
  counts: TrafficCounts = noCounts();

  /**
   * Traffic that flows: its address has answered 200 before the first counted request. A proxy that has acknowledged its config may
   * still wait for the endpoints of a data plane that came after it, and a failure of that time says nothing about what is tested.
   */
  static async flowing(address: string, options: TrafficOptions = {}): Promise<Traffic> {
    const url = urlOf(address, options);
    await waitFor(`${url} to answer`, async () => {
      const { status, body } = await http({ url, headers: options.headers ?? {} });
      if (status !== 200) throw new Error(`${status} ${body.slice(0, 200)}`);
      return true;
    });
    return new Traffic(address, options);
  }

  private constructor(address: string, options: TrafficOptions) {
    this.#url = urlOf(address, options);
    this.#options = options;
    this.#timer = setInterval(() => this.#start(), 1_000 / (options.perSecond ?? 100));
  }

  /** Counts anew from here and returns what was counted. Requests under way count where they began. */
  reset(): TrafficCounts {
    const { counts } = this;
    this.counts = noCounts();
    return counts;
  }

  share(place: string): number {
    return (this.counts.by.get(place) ?? 0) / this.counts.answered;
  }

  /** The next answer that fits. @throws with what came instead when none does within `timeoutMs`. */
  next(fits: (answer: UpstreamAnswer) => boolean, timeoutMs = 45_000): Promise<UpstreamAnswer> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      const look = (answer: UpstreamAnswer): void => {
        if (!fits(answer)) return;
        end();
        resolve(answer);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`no such answer from ${this.#url} within ${timeoutMs} ms: ${describe(this.counts)}`));
      }, timeoutMs);
      this.#listeners.add(look);
    });
  }

  /** Resolves when so many answers have been counted. */
  async answers(count: number): Promise<void> {
    while (this.counts.answered < count) await this.next(() => true);
  }

  /** Stops sending and waits for what is still under way. */
  async stop(): Promise<TrafficCounts> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
    return this.counts;
  }

  #start(): void {
    const sending = this.#send().finally(() => this.#open.delete(sending));
    this.#open.add(sending);
  }

  async #send(): Promise<void> {
    const { counts } = this;
    const sentMs = performance.now();
    const fail = (reason: string): void => void counts.failures.push({ sentMs, failedMs: performance.now(), reason });
    try {
      const headers = this.#options.headers ?? {};
      const answer = await http({ url: this.#url, agent: this.#agent, headers, timeoutMs: patienceMs });
      if (answer.status !== 200) return fail(`${answer.status} ${answer.body.slice(0, 200)}`);
      this.#count(counts, readAnswer(answer));
    } catch (error) {
      fail(errorMessage(error));
    }
  }

  #count(counts: TrafficCounts, answer: UpstreamAnswer): void {
    const place = `${answer.version} in ${answer.zone}`;
    counts.answered += 1;
    counts.by.set(place, (counts.by.get(place) ?? 0) + 1);
    for (const look of [...this.#listeners]) look(answer);
  }
}

function urlOf(address: string, options: TrafficOptions): string {
  return `http://${address}${options.path ?? "/"}`;
}

export function readAnswer(answer: HttpAnswer): UpstreamAnswer {
  return JSON.parse(answer.body) as UpstreamAnswer;
}

function noCounts(): TrafficCounts {
  return { answered: 0, by: new Map(), failures: [] };
}

export function describe(counts: TrafficCounts): string {
  const reasons = new Map<string, number>();
  for (const { reason } of counts.failures) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const parts = [...counts.by, ...reasons].map(([what, count]) => `${count} × ${what}`);
  return parts.join(", ") || "nothing";
}
