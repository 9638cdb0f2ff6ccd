import type { ResourceInput } from "@meridian/model";
import { AddressPool } from "./address-pool.ts";
import { identityOf } from "./identity.ts";
import { isServiceKind, type ServiceKind } from "./status.ts";

/**
 * Where VIPs come from, by kind (reference: multizone.md section 7). They must not overlap: one address, one name. The peer's network for
 * values of `kuma.io/service`, 240.0.0.0/4, holds all of these: of it only 240.0.0.0/8 is free.
 */
export type VipNetworks = Readonly<Record<ServiceKind, string>>;

export const defaultVipNetworks: VipNetworks = {
  MeshService: "241.0.0.0/8",
  MeshExternalService: "242.0.0.0/8",
  MeshMultiZoneService: "243.0.0.0/8",
};

/** The VIPs of a zone: each service keeps its own until the resource is gone. Services are known by their `keyText`. */
export class Vips {
  readonly #pools: Readonly<Record<ServiceKind, AddressPool>>;

  constructor(networks: VipNetworks = defaultVipNetworks) {
    this.#pools = {
      MeshService: new AddressPool(networks.MeshService),
      MeshExternalService: new AddressPool(networks.MeshExternalService),
      MeshMultiZoneService: new AddressPool(networks.MeshMultiZoneService),
    };
  }

  /** Notes what a store says; false when that cannot be: see `AddressPool.claim`. */
  claim(kind: ServiceKind, key: string, address: string): boolean {
    return this.#pools[kind].claim(key, address);
  }

  held(kind: ServiceKind, key: string): string | undefined {
    return this.#pools[kind].addressOf(key);
  }

  /** The same service gets the same address in each zone, unless somebody else holds it there. @throws RangeError: none is free. */
  allocate(kind: ServiceKind, key: string, service: Pick<ResourceInput, "name" | "mesh" | "labels">): string {
    const { name, namespace, zone, mesh } = identityOf(service);
    return this.#pools[kind].allocate(key, [mesh, zone, namespace, name].join("/"));
  }

  release(kind: string, key: string): void {
    if (isServiceKind(kind)) this.#pools[kind].release(key);
  }
}
