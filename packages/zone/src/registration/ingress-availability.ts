import { Backoff, delay, errorMessage, type Logger } from "@meridian/base";
import type { AvailableService, ConfigEngine } from "@meridian/generator";
import { labelNames, type Resource, type ZoneIngressSpec } from "@meridian/model";
import { ConflictError, type ResourceReader } from "@meridian/store";
import { proxyIdOf } from "../proxies/proxy-description.ts";
import type { ResourceWriter } from "./resource-writer.ts";

export interface IngressAvailabilityOptions {
  readonly store: ResourceReader;
  readonly writer: ResourceWriter;
  readonly engine: Pick<ConfigEngine, "availableServices">;
  /** The proxy said goodbye: what it offered was taken back. */
  readonly isLeaving: (proxyId: string) => boolean;
  readonly logger: Logger;
}

/**
 * Writes into this zone's ZoneIngresses what they offer, whenever that changes: the other zones route by it. One write is under
 * way at a time; what changes meanwhile goes into the next, so a burst of joining proxies costs few writes.
 */
export class IngressAvailability {
  readonly #options: IngressAvailabilityOptions;
  readonly #abort = new AbortController();
  #written: readonly AvailableService[] | undefined;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(options: IngressAvailabilityOptions) {
    this.#options = options;
  }

  /** Call it after each step of the view. @param ingressChanged a ZoneIngress was among the changes. */
  refresh(ingressChanged: boolean): void {
    if (this.#abort.signal.aborted) return;
    if (!ingressChanged && this.#written === this.#options.engine.availableServices()) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const backoff = new Backoff({ initialMs: 500, maxMs: 30_000 });
    while (this.#again && !this.#abort.signal.aborted) {
      this.#again = false;
      try {
        await this.#write();
      } catch (error) {
        this.#again = true;
        // Someone wrote an ingress in this moment: it is read again.
        if (error instanceof ConflictError) continue;
        this.#options.logger.warn(
          { reason: errorMessage(error) },
          "what the zone ingress offers could not be written; trying again",
        );
        await delay(backoff.nextDelayMs(), this.#abort.signal);
      }
    }
  }

  async #write(): Promise<void> {
    const services = this.#options.engine.availableServices();
    const ingresses = await this.#options.store.list<ZoneIngressSpec>("ZoneIngress");
    for (const ingress of ingresses) if (this.#isServing(ingress)) await this.#writeOne(ingress, services);
    this.#written = services;
  }

  #isServing(ingress: Resource): boolean {
    const isOwn = ingress.labels[labelNames.origin] !== "global";
    return isOwn && !this.#options.isLeaving(proxyIdOf(ingress) ?? "");
  }

  async #writeOne(ingress: Resource<ZoneIngressSpec>, services: readonly AvailableService[]): Promise<void> {
    const availableServices = services.map(({ mesh, tags, instances, externalService }) => ({
      ...{ mesh, tags, instances },
      ...(externalService && { externalService }),
    }));
    if (JSON.stringify(ingress.spec.availableServices ?? []) === JSON.stringify(availableServices)) return;
    const { kind, mesh, name, labels, spec, version } = ingress;
    await this.#options.writer.put(
      { kind, mesh, name, labels, spec: { ...spec, availableServices } },
      { author: "zone ingress availability" },
      { expect: version },
    );
  }
}
