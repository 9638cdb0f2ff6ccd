import { delay } from "@meridian/base";
import type { Bus } from "@meridian/store";

const topic = "zone-replicas";

type Message = { readonly ask: string } | { readonly here: string };

/**
 * Whether another replica of this control plane lives: asked over the store's bus when it matters, so that idle replicas cost
 * nothing. One that does not answer in time counts as gone.
 */
export class Replicas {
  readonly #bus: Bus;
  readonly #instanceId: string;
  readonly #patienceMs: number;
  readonly #asked = new Map<string, { readonly answered: AbortController; readonly answer: Promise<boolean> }>();
  readonly #unsubscribe: () => void;

  constructor(bus: Bus, instanceId: string, patienceMs = 2_000) {
    this.#bus = bus;
    this.#instanceId = instanceId;
    this.#patienceMs = patienceMs;
    this.#unsubscribe = bus.subscribe(topic, (payload) => this.#hear(payload));
  }

  /** @throws UnavailableError when the bus cannot be reached. */
  isAlive(instanceId: string): Promise<boolean> {
    if (instanceId === this.#instanceId) return Promise.resolve(true);
    const asked = this.#asked.get(instanceId);
    if (asked) return asked.answer;
    const answered = new AbortController();
    const answer = this.#ask(instanceId, answered.signal).finally(() => this.#asked.delete(instanceId));
    this.#asked.set(instanceId, { answered, answer });
    return answer;
  }

  stop(): void {
    this.#unsubscribe();
  }

  async #ask(instanceId: string, answered: AbortSignal): Promise<boolean> {
    await this.#bus.publish(topic, JSON.stringify({ ask: instanceId } satisfies Message));
    await delay(this.#patienceMs, answered);
    return answered.aborted;
  }

  #hear(payload: string): void {
    const message = JSON.parse(payload) as Message;
    if ("here" in message) this.#asked.get(message.here)?.answered.abort();
    else if (message.ask === this.#instanceId) {
      // Unheard, it counts as gone, and mends itself: its proxies connect anew.
      this.#bus.publish(topic, JSON.stringify({ here: this.#instanceId } satisfies Message)).catch(() => {});
    }
  }
}
