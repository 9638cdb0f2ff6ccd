import type { EncodedResource } from "@meridian/envoy";
import type { IdentityNeed, ProxyConfig, ProxyUpdate } from "../types.ts";

/** A proxy as the transport sees it: starts from what `attach` gave, then takes each patch. Refuses patches that say too much. */
export class ProxyModel {
  readonly #held = new Map<string, EncodedResource>();
  #identity: IdentityNeed | undefined;
  #identities: readonly IdentityNeed[];

  constructor(config: ProxyConfig) {
    for (const ofType of config.resources.values()) {
      for (const resource of ofType.values()) this.#held.set(key(resource), resource);
    }
    this.#identity = config.identity;
    this.#identities = config.identities ?? [];
  }

  apply({ patch, identity, identities }: ProxyUpdate): void {
    if (patch.changed.length + patch.removed.length === 0 && identity === undefined && !identities)
      throw new Error("an update without a change");
    for (const resource of patch.changed) {
      if (this.#held.get(key(resource))?.version === resource.version) throw new Error(`already held: ${key(resource)}`);
      this.#held.set(key(resource), resource);
    }
    for (const name of patch.removed) {
      if (!this.#held.delete(key(name))) throw new Error(`removed but not held: ${key(name)}`);
    }
    if (identity !== undefined) this.#identity = identity ?? undefined;
    if (identities) this.#identities = identities;
  }

  /** Comparable: names with content hashes, sorted. */
  get state(): unknown {
    const versions = [...this.#held].map(([name, { version }]) => `${name} ${version}`).sort();
    return { versions, identity: this.#identity, identities: this.#identities };
  }
}

function key({ typeUrl, name }: { readonly typeUrl: string; readonly name: string }): string {
  return `${typeUrl.slice(typeUrl.lastIndexOf(".") + 1)} ${name}`;
}
