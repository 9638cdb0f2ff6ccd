import type { MeshView } from "@meridian/generator";
import { compareText } from "@meridian/model";
import { clientIdentity } from "../envoy/rbac.ts";
import type { ExplainedClient, ExplainRequest } from "../types.ts";
import { type PlacedDataplane, servicesOf, type Worlds } from "../worlds/worlds.ts";
import type { ProxyView, ZoneWorld } from "../worlds/zone-world.ts";

export type DataplaneFacts = NonNullable<ReturnType<MeshView["dataplane"]>>;
export type Outbound = DataplaneFacts["outbounds"]["items"][number];
export type Inbound = DataplaneFacts["inbounds"][number];

/** The data plane whose request is followed. */
export interface Client {
  readonly world: ZoneWorld;
  readonly placed: PlacedDataplane;
  readonly facts: DataplaneFacts;
  /** Absent: it has none for the destination. */
  readonly outbound?: Outbound;
  readonly told: ExplainedClient;
}

/** Why there is no client to follow, in words. */
export interface NoClient {
  readonly reason: "no-client" | "zone-disabled";
  readonly text: string;
}

/**
 * The data plane that stands for all that the question can be about: one with an outbound for the destination, if there is any; else
 * the first by zone and name.
 */
export function findClient(worlds: Worlds, request: ExplainRequest): Client | NoClient {
  const { mesh, from, zone } = request;
  const candidates = worlds.dataplanes
    .filter((placed) => isMeant(placed, from) && (zone === undefined || placed.zone === zone))
    .sort((a, b) => compareText(a.zone, b.zone) || compareText(a.resource.name, b.resource.name));
  const where = `in mesh ${mesh}${zone === undefined ? "" : `, zone ${zone}`}`;
  if (candidates.length === 0) return { reason: "no-client", text: `no data plane ${where} is or belongs to ${from}` };
  const clients = candidates.flatMap((placed) => clientOf(worlds, request, placed) ?? []);
  const client = clients.find(({ outbound }) => outbound) ?? clients[0];
  if (client) return { ...client, told: { ...client.told, others: othersOf(candidates, client.placed) } };
  const zones = [...new Set(candidates.map((placed) => placed.zone))];
  return { reason: "zone-disabled", text: `${from} runs only in zones that are switched off: ${zones.join(", ")}` };
}

function isMeant({ resource: { name, spec } }: PlacedDataplane, from: string): boolean {
  return name === from || servicesOf(spec).includes(from);
}

function clientOf(worlds: Worlds, { mesh, to }: ExplainRequest, placed: PlacedDataplane): Client | undefined {
  const { zone, resource } = placed;
  const world = worlds.of(zone);
  const facts = world?.view.dataplane(mesh, resource.name);
  if (!world || !facts) return undefined;
  const outbound = facts.outbounds.items.find(({ service }) => service === to);
  const told: ExplainedClient = {
    zone,
    dataplane: resource.name,
    services: servicesOf(resource.spec),
    identity: world.view.mesh(mesh)?.mtls ? clientIdentity(mesh, facts.tagSets).uris : [],
    others: {},
  };
  return { world, placed, facts, told, ...(outbound && { outbound }) };
}

function othersOf(candidates: readonly PlacedDataplane[], chosen: PlacedDataplane): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const placed of candidates) if (placed !== chosen) counts[placed.zone] = (counts[placed.zone] ?? 0) + 1;
  return counts;
}

/** What the client's proxy gets; made by the first who looks, since most candidates are not followed. */
export function configOfClient({ world, placed }: Client): ProxyView {
  return world.config(placed.resource);
}
