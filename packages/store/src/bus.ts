import type { Bus } from "./store.ts";

/** Postgres NOTIFY allows 8,000 bytes; the rest is for the topic. */
const maxPayloadBytes = 7500;
const maxTopicBytes = 200;

/** The subscribers of one process; a driver that reaches other replicas hands it what arrives from them. */
export class LocalBus implements Bus {
  readonly #listeners = new Map<string, Set<(payload: string) => void>>();

  async publish(topic: string, payload: string): Promise<void> {
    assertPublishable(topic, payload);
    this.deliver(topic, payload);
  }

  /** A listener that throws is our bug and must not keep the others from hearing. */
  deliver(topic: string, payload: string): void {
    for (const listener of [...(this.#listeners.get(topic) ?? [])]) queueMicrotask(() => listener(payload));
  }

  subscribe(topic: string, listener: (payload: string) => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners);
    // Wrapped, so that one function subscribed twice hears twice and each ending counts once.
    const own = (payload: string): void => listener(payload);
    listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  }
}

/** @throws RangeError when a payload would not fit into a NOTIFY; every driver refuses it, so that tests on memory find it. */
export function assertPublishable(topic: string, payload: string): void {
  if (Buffer.byteLength(topic) > maxTopicBytes) throw new RangeError(`bus topic ${topic} is longer than ${maxTopicBytes} bytes`);
  const sizeBytes = Buffer.byteLength(payload);
  if (sizeBytes > maxPayloadBytes) {
    throw new RangeError(`bus message on ${topic} has ${sizeBytes} bytes, ${maxPayloadBytes} are allowed`);
  }
  if (topic.includes("\n")) throw new RangeError("a bus topic is one line");
  if (topic.includes("\0") || payload.includes("\0")) throw new RangeError(`bus message on ${topic} holds a NUL character`);
}
