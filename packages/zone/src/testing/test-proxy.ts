import type { EncodedResource, ProxyPatch, TypeUrl } from "@meridian/envoy";
import type { Nack, ProxyBinding, ProxyRegistry, ProxyStream, StreamHello, StreamRefused, StreamStatus } from "@meridian/xds";

/**
 * Stands in for one ADS stream with an Envoy behind it: records what it is given, and keeps the order of calls that `AdsStream`
 * keeps. It acknowledges nothing by itself.
 */
export class TestProxy implements ProxyStream {
  readonly pushes: { readonly patch: ProxyPatch; readonly generation: number }[] = [];
  /** How the control plane ended the stream. */
  closedWith: StreamStatus | undefined;
  #binding: ProxyBinding | undefined;
  #isClosed = false;
  #newest = 0;

  /** Opens the stream; resolves once it is bound, or rejects with why it was refused. */
  async connect(registry: ProxyRegistry, hello: StreamHello): Promise<this> {
    try {
      const binding = await registry.connect(hello, this);
      this.#binding = binding;
      if (this.#isClosed) binding.closed();
      this.#newest = Math.max(this.#newest, binding.generation);
      return this;
    } catch (error) {
      this.close((error as StreamRefused).status ?? { code: "INTERNAL", message: String(error) });
      throw error;
    }
  }

  push(patch: ProxyPatch, generation: number): void {
    if (this.#isClosed) return;
    this.pushes.push({ patch, generation });
    this.#newest = Math.max(this.#newest, generation);
  }

  close(status: StreamStatus): void {
    if (this.#isClosed) return;
    this.closedWith = status;
    this.disconnect();
  }

  /** The stream is gone: the proxy stopped, or its network. */
  disconnect(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#binding?.closed();
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** The first config with every patch since, as the proxy would hold it. */
  get held(): ReadonlyMap<string, EncodedResource> {
    const held = new Map<string, EncodedResource>();
    for (const resources of this.#binding?.resources.values() ?? []) {
      for (const resource of resources.values()) held.set(`${resource.typeUrl} ${resource.name}`, resource);
    }
    for (const { patch } of this.pushes) {
      for (const { typeUrl, name } of patch.removed) held.delete(`${typeUrl} ${name}`);
      for (const resource of patch.changed) held.set(`${resource.typeUrl} ${resource.name}`, resource);
    }
    return held;
  }

  get(typeUrl: TypeUrl, name: string): EncodedResource | undefined {
    return this.held.get(`${typeUrl} ${name}`);
  }

  names(typeUrl: TypeUrl): readonly string[] {
    return [...this.held.values()]
      .filter((resource) => resource.typeUrl === typeUrl)
      .map(({ name }) => name)
      .sort();
  }

  /** Acknowledges everything up to now, or up to `generation`. */
  acknowledge(generation = this.#newest): void {
    this.#binding?.acknowledged(generation);
  }

  reject(nack: Partial<Nack> & Pick<Nack, "typeUrl">): void {
    const { typeUrl, message = "no" } = nack;
    const told = { message, resources: [], generation: this.#newest, isRepeated: false, standing: [{ typeUrl, message }] };
    this.#binding?.rejected({ ...told, ...nack });
  }

  count(event: "sent" | "acknowledged" | "rejected", typeUrl: TypeUrl): void {
    this.#binding?.counted?.(event, typeUrl);
  }
}
