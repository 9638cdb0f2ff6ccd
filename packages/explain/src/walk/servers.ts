import type { DataplaneSpec, Resource } from "@meridian/model";
import type { ZoneWorld } from "../worlds/zone-world.ts";
import type { DataplaneFacts, Inbound } from "./client.ts";

/** One inbound of a data plane that an endpoint is. */
export interface Server {
  readonly world: ZoneWorld;
  readonly resource: Resource<DataplaneSpec>;
  readonly facts: DataplaneFacts;
  readonly inbound: Inbound;
}

type ServersByAddress = ReadonlyMap<string, Server>;

const known = new WeakMap<ZoneWorld, ServersByAddress>();

/** Servers of a zone by `address:port` as clients there see them. */
export function serversOf(world: ZoneWorld): ServersByAddress {
  const servers = known.get(world) ?? findServers(world);
  known.set(world, servers);
  return servers;
}

function findServers(world: ZoneWorld): ServersByAddress {
  const servers = new Map<string, Server>();
  for (const resource of world.list<DataplaneSpec>("Dataplane")) {
    const facts = world.view.dataplane(resource.mesh, resource.name);
    for (const inbound of facts?.inbounds ?? []) {
      const address = resource.spec.networking.advertisedAddress || inbound.address;
      if (facts) servers.set(`${address}:${inbound.port}`, { world, resource, facts, inbound });
    }
  }
  return servers;
}
