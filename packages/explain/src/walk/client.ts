import { typeUrls } from "@meridian/envoy";
import type { MeshView } from "@meridian/generator";
import type { ExplainedClient, ExplainRequest } from "../types.ts";
import type { ProxyView } from "../worlds/proxy-view.ts";
import type { PlacedDataplane, Worlds } from "../worlds/worlds.ts";
import type { ZoneWorld } from "../worlds/zone-world.ts";
import type { Outbound } from "./outbounds.ts";

export type DataplaneFacts = NonNullable<ReturnType<MeshView["dataplane"]>>;
export type Inbound = DataplaneFacts["inbounds"][number];

/** The data plane whose request is followed. */
export interface Client {
  readonly world: ZoneWorld;
  readonly placed: PlacedDataplane;
  readonly facts: DataplaneFacts;
  readonly outbounds: readonly Outbound[];
  /** Those that fit the question, best first. */
  readonly fitting: readonly Outbound[];
}

export interface FoundClient extends Client {
  readonly told: ExplainedClient;
}

/** One request of one client. */
export interface Journey {
  readonly worlds: Worlds;
  readonly client: FoundClient;
  readonly request: ExplainRequest;
}

/** What the client's proxy gets; made by the first who looks, since most candidates are not followed. */
export function configOfClient({ world, placed }: Client): ProxyView {
  return world.config(placed.resource);
}

/** Whether connections to addresses that no outbound has leave the proxy as they came (transparent proxying with passthrough). */
export function passesUnknown(client: Client): boolean {
  return configOfClient(client)
    .list(typeUrls.cluster)
    .some(({ name, type }) => type === "ORIGINAL_DST" && String(name).startsWith("outbound:"));
}
