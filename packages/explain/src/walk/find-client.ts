import { didYouMean } from "@meridian/base";
import { compareText } from "@meridian/model";
import { listText } from "../told/words.ts";
import type { ExplainedClient, ExplainRequest } from "../types.ts";
import { type PlacedDataplane, servicesOf, type Worlds } from "../worlds/worlds.ts";
import type { Client, FoundClient } from "./client.ts";
import { gatewayPorts, portsFor } from "./gateway.ts";
import { leadingTo, outboundsOf } from "./outbounds.ts";

/** Why there is no client to follow, in words. */
export interface NoClient {
  readonly reason: "no-client" | "zone-disabled" | "unseen";
  readonly text: string;
}

/**
 * The data plane that stands for all that the question can be about: one with an outbound for the destination, if there is any; else
 * the first by zone and name.
 */
export function findClient(worlds: Worlds, request: ExplainRequest): FoundClient | NoClient {
  const { from, zone } = request;
  const named = worlds.dataplanes.filter((placed) => isMeant(placed, from));
  const candidates = named
    .filter((placed) => zone === undefined || placed.zone === zone)
    .sort((a, b) => compareText(a.zone, b.zone) || compareText(a.resource.name, b.resource.name));
  if (candidates.length === 0) return nobody(worlds, request, named);
  const chosen = chooseClient(worlds, request, candidates);
  if (chosen) return { ...chosen, told: toldClient(chosen, candidates) };
  const zones = [...new Set(candidates.map((placed) => placed.zone))];
  const isOff = zones.some((each) => worlds.isDisabled(each));
  return isOff
    ? { reason: "zone-disabled", text: `${from} runs only in zones that are switched off: ${listText(zones)}` }
    : { reason: "unseen", text: `${from} runs in ${listText(zones)}, whose proxies are not known here` };
}

function isMeant({ resource: { name, spec } }: PlacedDataplane, from: string): boolean {
  return name === from || servicesOf(spec).includes(from);
}

function chooseClient(worlds: Worlds, request: ExplainRequest, candidates: readonly PlacedDataplane[]): Client | undefined {
  let first: Client | undefined;
  for (const placed of candidates) {
    const client = clientOf(worlds, request, placed);
    if (client && client.fitting.length > 0) return client;
    first ??= client;
  }
  return first;
}

function clientOf(worlds: Worlds, { mesh, to }: ExplainRequest, placed: PlacedDataplane): Client | undefined {
  const world = worlds.of(placed.zone);
  const facts = world?.view.dataplane(mesh, placed.resource.name);
  if (!world || !facts) return undefined;
  const { resource } = placed;
  if (resource.spec.networking.gateway?.type === "BUILTIN") {
    const ports = gatewayPorts(world, resource);
    return { world, placed, facts, outbounds: ports, fitting: portsFor(world, resource, ports, to) };
  }
  const outbounds = outboundsOf(world, resource);
  return { world, placed, facts, outbounds, fitting: leadingTo(outbounds, to) };
}

function toldClient(client: Client, candidates: readonly PlacedDataplane[]): ExplainedClient {
  const { placed } = client;
  const others = new Map<string, number>();
  for (const { zone } of candidates) others.set(zone, (others.get(zone) ?? 0) + 1);
  others.set(placed.zone, (others.get(placed.zone) ?? 0) - 1);
  return {
    zone: placed.zone,
    dataplane: placed.resource.name,
    services: servicesOf(placed.resource.spec),
    identity: client.world.identityOf(placed.resource, placed.resource.mesh),
    others: Object.fromEntries([...others].filter(([, count]) => count > 0)),
  };
}

/** Nobody has the name, or not in the zone: what the user may have meant. */
function nobody(worlds: Worlds, { mesh, from, zone }: ExplainRequest, elsewhere: readonly PlacedDataplane[]): NoClient {
  if (zone !== undefined && elsewhere.length > 0) {
    const zones = [...new Set(elsewhere.map((placed) => placed.zone))].sort(compareText);
    return { reason: "no-client", text: `${from} runs in ${listText(zones)}, not in zone ${zone}` };
  }
  const where = `in mesh ${mesh}${zone === undefined ? "" : `, zone ${zone},`}`;
  const names = new Set(worlds.dataplanes.flatMap(({ resource: { name, spec } }) => [...servicesOf(spec), name]));
  const hint = didYouMean(from, [...names]);
  return { reason: "no-client", text: `no data plane ${where} is or belongs to ${from}${hint ? `. ${hint}` : ""}` };
}

/** Why the client does not reach the destination though it is there. */
export function noOutboundText(worlds: Worlds, { placed, outbounds }: Client, to: string): string {
  const { name, spec } = placed.resource;
  if (spec.networking.gateway?.type === "BUILTIN") return `no listener of the gateway takes it: ask for HOST or HOST:PORT`;
  const text = `data plane ${name} has no outbound for it`;
  const isService = worlds.dataplanes.some(({ resource }) => servicesOf(resource.spec).includes(to));
  const hint = isService ? undefined : didYouMean(to, [...new Set(outbounds.map((each) => each.name))]);
  return hint ? `${text}. ${hint}` : text;
}
