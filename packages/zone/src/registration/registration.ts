import { Backoff, errorMessage, type Logger } from "@meridian/base";
import { keyText, type Resource, type ResourceInput, type ResourceKey, type Revision } from "@meridian/model";
import { type Author, ConflictError, type ResourceReader } from "@meridian/store";
import { Departure } from "./departure.ts";
import { isRegisteredByProxy, registered, withdrawn } from "./registered-resource.ts";
import type { ResourceWriter } from "./resource-writer.ts";
import { Turns } from "./turns.ts";

export interface RegistrationOptions {
  readonly store: ResourceReader;
  readonly writer: ResourceWriter;
  readonly logger: Logger;
  /** How long a proxy that lost its stream may take to come back before its resource goes. Milliseconds. */
  readonly graceMs: number;
  readonly isConnected: (proxyId: string) => boolean;
  /** Another replica of this control plane has the proxy's stream. */
  readonly isElsewhere: (key: ResourceKey) => Promise<boolean>;
}

const registrar: Author = { author: "proxy registration" };

/**
 * The resource of each proxy that brings its own: written when it connects, removed when it stays away. What was written over REST
 * is never removed. Writes and removals of one proxy take turns, so that a proxy that comes back in the very moment of its
 * removal is written after it.
 */
export class Registration {
  readonly #options: RegistrationOptions;
  readonly #turns = new Turns();
  readonly #departures = new Map<string, Departure>();
  /** Proxies that said goodbye: their resource goes as soon as the stream does. */
  readonly #goodbyes = new Set<string>();
  /** Proxies that came in the life of this process and have not gone for good. */
  readonly #present = new Set<string>();
  #isStopped = false;

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /** The proxy brings its resource. @throws what the writer throws. */
  async register(proxyId: string, resource: ResourceInput): Promise<Revision> {
    this.cameBack(proxyId);
    const { store, writer, isConnected } = this.#options;
    try {
      const { revision } = await this.#turns.take(proxyId, async () =>
        writer.put(registered(resource, resource.kind === "ZoneIngress" ? await store.get(resource) : undefined), registrar),
      );
      return revision;
    } catch (error) {
      if (!isConnected(proxyId)) this.left(proxyId, resource);
      throw error;
    }
  }

  /** The proxy is there: a removal that waits is off. */
  cameBack(proxyId: string): void {
    this.#departures.get(proxyId)?.cancel();
    this.#departures.delete(proxyId);
    this.#goodbyes.delete(proxyId);
    this.#present.add(proxyId);
  }

  /**
   * The proxy is about to stop: nobody should be sent to it any more, though it still finishes what it has. A resource that was
   * written over REST stays as it is: nobody could tell later what of it to restore.
   */
  async goodbye(proxyId: string, resource: Resource): Promise<void> {
    if (!isRegisteredByProxy(resource)) return;
    this.#goodbyes.add(proxyId);
    const departure = this.#departures.get(proxyId);
    if (departure) return departure.hurry();
    if (!this.#options.isConnected(proxyId)) return this.left(proxyId, resource);
    await this.#turns.take(proxyId, () => this.#withdraw(resource));
  }

  /** It said goodbye and has not come back. */
  isLeaving(proxyId: string): boolean {
    return this.#goodbyes.has(proxyId);
  }

  /** Its stream is gone: at once when it said goodbye, else after the grace, unless it came back. */
  left(proxyId: string, key: ResourceKey): void {
    // A control plane that stops says nothing about its proxies: they go on, and their resources stay.
    if (this.#isStopped || this.#departures.has(proxyId)) return;
    const departure = new Departure();
    this.#departures.set(proxyId, departure);
    if (this.#goodbyes.has(proxyId)) departure.hurry();
    void this.#depart(proxyId, key, departure);
  }

  /** Removes what a proxy of an earlier run of this control plane left behind; nothing when it came back since. */
  async removeLeftover(proxyId: string, key: ResourceKey): Promise<void> {
    await this.#turns.take(proxyId, async () => {
      if (!this.#isStopped && !this.#present.has(proxyId)) await this.#remove(key);
    });
  }

  stop(): void {
    this.#isStopped = true;
    for (const departure of this.#departures.values()) departure.cancel();
    this.#departures.clear();
  }

  /** Never throws: it is tried until it is done or the proxy is back, for an endpoint that stays would be sent requests. */
  async #depart(proxyId: string, key: ResourceKey, departure: Departure): Promise<void> {
    const backoff = new Backoff({ initialMs: 500, maxMs: 30_000 });
    await departure.grace(this.#options.graceMs);
    while (!departure.isCancelled) {
      try {
        await this.#turns.take(proxyId, () => this.#finish(proxyId, key, departure));
        return;
      } catch (error) {
        this.#options.logger.warn(
          { resource: keyText(key), reason: errorMessage(error) },
          "the resource of a proxy that left could not be removed; trying again",
        );
        await departure.pause(backoff.nextDelayMs());
      }
    }
  }

  async #finish(proxyId: string, key: ResourceKey, departure: Departure): Promise<void> {
    if (departure.isCancelled) return;
    await this.#remove(key);
    // It may have come while its resource was being removed: then it is written in the next turn.
    if (departure.isCancelled) return;
    this.#departures.delete(proxyId);
    this.#goodbyes.delete(proxyId);
    this.#present.delete(proxyId);
  }

  async #remove(key: ResourceKey): Promise<void> {
    const { store, writer, logger, isElsewhere } = this.#options;
    const stored = await store.get(key);
    if (!stored || !isRegisteredByProxy(stored) || (await isElsewhere(key))) return;
    await writer.remove(key, registrar);
    logger.info({ resource: keyText(key) }, "proxy left; its resource is removed");
  }

  async #withdraw(key: ResourceKey): Promise<void> {
    const stored = await this.#options.store.get(key);
    const resource = stored && isRegisteredByProxy(stored) ? withdrawn(stored) : undefined;
    if (!stored || !resource) return;
    try {
      await this.#options.writer.put(resource, registrar, { expect: stored.version });
    } catch (error) {
      // Someone else wrote it in this moment; the end of the stream removes it anyway.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}
