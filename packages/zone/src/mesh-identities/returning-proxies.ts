import type { ResourceReader } from "@meridian/store";
import { proxyIdOf } from "../proxies/proxy-description.ts";
import { registeredLabels } from "../registration/registered-resource.ts";

export interface ReturningProxiesOptions {
  readonly store: Pick<ResourceReader, "list">;
  readonly isConnected: (proxyId: string) => boolean;
  /** How long after the start proxies may take to come back. Milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Proxies that were here before this control plane started: they run on with what they have, which may be less than what those that are
 * connected have acknowledged. Whoever asks what all proxies believe has to wait for them.
 */
export class ReturningProxies {
  readonly #options: ReturningProxiesOptions;
  readonly #timer: NodeJS.Timeout;
  #areBack = false;

  /** @param onTimeout it is waited for no longer. */
  constructor(options: ReturningProxiesOptions, onTimeout: () => void) {
    this.#options = options;
    this.#timer = setTimeout(() => {
      this.#areBack = true;
      onTimeout();
    }, options.timeoutMs).unref();
  }

  /** True from the moment when all have come back, or have had their time. */
  async areBack(): Promise<boolean> {
    if (this.#areBack) return true;
    const { store, isConnected } = this.#options;
    const registered = await store.list("Dataplane", { labels: registeredLabels });
    this.#areBack ||= registered.every((resource) => isConnected(proxyIdOf(resource) ?? ""));
    return this.#areBack;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
