import { outboundListenerName } from "@meridian/envoy";
import { resolveService, type ServicePortOf, sidecarOutbounds } from "@meridian/generator";
import type { ResourceKey } from "@meridian/model";
import { hostnamesOf } from "@meridian/services";
import { realName } from "../told/words.ts";
import type { ZoneWorld } from "../worlds/zone-world.ts";
import { usualProxy } from "../worlds/zones.ts";

export type OutboundFacts = ReturnType<typeof sidecarOutbounds>[number];

/** An outbound of a data plane, and what people call it. */
export interface Outbound extends OutboundFacts {
  /** The best of its names. */
  readonly name: string;
  readonly names: readonly string[];
  /** Of a gateway, whose listeners are called otherwise. */
  readonly listener?: string;
}

export function listenerNameOf({ listener, address, port }: Outbound): string {
  return listener ?? outboundListenerName(address, port);
}

export function outboundsOf(world: ZoneWorld, dataplane: ResourceKey): readonly Outbound[] {
  const proxy = usualProxy(dataplane);
  if (!proxy) return [];
  return sidecarOutbounds(world.view, proxy).map((outbound) => {
    const place = `${outbound.address}:${outbound.port}`;
    const found = outbound.backend && resolveService(world.view, dataplane.mesh, outbound.backend);
    const names = [...(found ? namesOf(world, found) : []), ...hostNames(outbound), place];
    const name = found ? realName(found) : outbound.service || outbound.backend?.name || place;
    return { ...outbound, name, names: [name, ...names] };
  });
}

/** What DNS calls it, with and without its port. */
function hostNames({ hosts = [], port }: OutboundFacts): readonly string[] {
  return hosts.flatMap((host) => [host, `${host}:${port}`]);
}

/** A real service is known by many names, and one of its ports by each of them with the port. */
function namesOf(world: ZoneWorld, { service, port }: ServicePortOf): readonly string[] {
  const { resource, name, displayName } = service;
  const status = world.get<unknown>(resource)?.status;
  const names = [...new Set([displayName, name, ...hostnamesOf(status)])];
  return [...names, ...names.map((each) => `${each}:${port.port}`), port.kri, port.clusterName];
}

/** Of several that fit, all; the best of them first: those that the data plane lists come before those that it is given. */
export function leadingTo(outbounds: readonly Outbound[], to: string): readonly Outbound[] {
  return outbounds.filter(({ names }) => names.includes(to));
}
