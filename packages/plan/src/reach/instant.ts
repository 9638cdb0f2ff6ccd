import { type ClientIdentity, isAllowed } from "@meridian/explain";
import { inboundPermission, type MeshView, outboundPlan } from "@meridian/generator";
import { type Tags, tagNames } from "@meridian/model";
import type { PermissionPlan, ProxySubject, RouteEntry } from "@meridian/policies";
import type { OutboundRoutes } from "../told/routes.ts";
import type { CutOffReason } from "../types.ts";
import type { ZoneImage } from "../zones/zone-image.ts";

type Dataplane = NonNullable<ReturnType<MeshView["dataplane"]>>;
export type Outbound = Dataplane["outbounds"]["items"][number];
export type Inbound = Dataplane["inbounds"][number];

/** A client as reach sees it: one data plane stands for all that are like it. */
export interface Client {
  readonly image: ZoneImage;
  readonly mesh: string;
  readonly name: string;
  readonly identity: ClientIdentity;
}

/** How much of the traffic of one outbound gets through. */
export interface Reach {
  /** Share in [0, 1] of the requests of the best and of the worst route. */
  readonly best: number;
  readonly worst: number;
  /** Of the worst route, where something does not get through. */
  readonly reason?: CutOffReason;
  readonly destination?: Tags;
  /** Policies that decided about routes, and about permissions. */
  readonly routedBy: readonly string[];
  readonly permittedBy: readonly string[];
}

/**
 * What routes and permissions say while the images are as they are. Answers are plain values and stay true of this moment; the
 * instant itself must not be asked after the images have moved on.
 */
export class Instant {
  readonly #images: readonly ZoneImage[];
  #servers: ReadonlyMap<string, readonly Server[]> | undefined;

  constructor(images: readonly ZoneImage[]) {
    this.#images = images;
  }

  routes({ engine }: ZoneImage, mesh: string, dataplane: Dataplane, { tags, service }: Outbound): OutboundRoutes {
    return outboundPlan(engine.view, subjectOf(engine.view, mesh, dataplane), { tags, service });
  }

  /** Undefined where the mesh has no mTLS: then everybody may. */
  permission({ engine }: ZoneImage, mesh: string, dataplane: Dataplane, inbound: Inbound): PermissionPlan | undefined {
    const { view } = engine;
    return view.mesh(mesh)?.mtls && inboundPermission(view, subjectOf(view, mesh, dataplane), inbound);
  }

  /** Undefined while the client, its mesh or the outbound is not there. */
  reach({ image, mesh, name, identity }: Client, key: string): Reach | undefined {
    const { view } = image.engine;
    const dataplane = view.dataplane(mesh, name);
    const outbound = dataplane?.outbounds.items.find((each) => outboundKey(each) === key);
    if (!dataplane || !outbound || !view.mesh(mesh)) return undefined;
    const plan = this.routes(image, mesh, dataplane, outbound);
    if (plan === "cut") return { best: 0, worst: 0, reason: "no-route", routedBy: [], permittedBy: [] };
    const entries = unitOf(view, mesh, outbound.service) === "requests" ? plan.entries : plan.entries.slice(-1);
    const shares = entries.map((entry) => this.#share(entry, image, mesh, identity));
    const { share, ...worst } = shares.reduce<EntryShare>((a, b) => (b.share < a.share ? b : a), { share: 1 });
    return {
      ...worst,
      worst: share,
      best: Math.max(0, ...shares.map((entry) => entry.share)),
      routedBy: plan.origins,
      permittedBy: [...new Set(shares.flatMap(({ permittedBy = [] }) => permittedBy))],
    };
  }

  #share(entry: RouteEntry, image: ZoneImage, mesh: string, identity: ClientIdentity): EntryShare {
    // Answered by the proxy itself: a redirect.
    if (entry.destinations.length === 0) return { share: 1 };
    const total = entry.destinations.reduce((sum, { weight }) => sum + weight, 0);
    let share = 0;
    const permittedBy = new Set<string>();
    let worst: EntryShare = { share: 1 };
    for (const { weight, tags } of entry.destinations) {
      const reason = obstacleTo(image.engine.view, mesh, tags);
      const part: EntryShare = reason ? { share: 0, reason, destination: tags } : this.#admitted(image, mesh, tags, identity);
      for (const origin of part.permittedBy ?? []) permittedBy.add(origin);
      share += (weight / total) * part.share;
      if (part.share < worst.share) worst = part;
    }
    return { ...worst, share, permittedBy: [...permittedBy] };
  }

  /** The share of a destination's data planes, in all zones, that let the client in. */
  #admitted(image: ZoneImage, mesh: string, tags: Tags, identity: ClientIdentity): EntryShare {
    const servers = this.#serversOf(mesh, tags[tagNames.service] ?? "").filter(({ inbound }) => hasTags(inbound.tags, tags));
    if (servers.length === 0 || !image.engine.view.mesh(mesh)?.mtls) return { share: 1 };
    const origins = new Set<string>();
    let refused = 0;
    for (const server of servers) {
      const plan = server.permission();
      for (const origin of plan?.origins ?? []) origins.add(origin);
      if (plan && isAllowed(plan.rbac, identity) === false) refused += 1;
    }
    if (refused === 0) return { share: 1, permittedBy: [...origins] };
    return { share: 1 - refused / servers.length, reason: "refused", destination: tags, permittedBy: [...origins] };
  }

  #serversOf(mesh: string, service: string): readonly Server[] {
    this.#servers ??= this.#indexServers();
    return this.#servers.get(`${mesh}/${service}`) ?? [];
  }

  #indexServers(): ReadonlyMap<string, readonly Server[]> {
    const servers = new Map<string, Server[]>();
    for (const image of this.#images) {
      for (const { type, mesh, name } of image.proxies.values()) {
        const dataplane = type === "dataplane" ? image.engine.view.dataplane(mesh, name) : undefined;
        for (const inbound of dataplane?.inbounds ?? []) {
          const key = `${mesh}/${inbound.service}`;
          const server = { inbound, permission: once(() => dataplane && this.permission(image, mesh, dataplane, inbound)) };
          const known = servers.get(key);
          if (known) known.push(server);
          else servers.set(key, [server]);
        }
      }
    }
    return servers;
  }
}

interface EntryShare {
  readonly share: number;
  readonly reason?: CutOffReason;
  readonly destination?: Tags;
  readonly permittedBy?: readonly string[];
}

interface Server {
  readonly inbound: Inbound;
  readonly permission: () => PermissionPlan | undefined;
}

/** Tells one outbound of a data plane from its others, before and after. */
export function outboundKey({ address, port }: Outbound): string {
  return `${address}:${port}`;
}

export function unitOf(view: MeshView, mesh: string, service: string): "requests" | "connections" {
  const protocol = view.protocol(mesh, service);
  return protocol === "http" || protocol === "http2" || protocol === "grpc" ? "requests" : "connections";
}

function subjectOf(view: MeshView, mesh: string, { name, labels, tagSets }: Dataplane): ProxySubject {
  return { mesh, name, zone: view.zone, labels, tagSets };
}

/** As the generator counts endpoints: other zones are reached through their ingresses, which need mTLS, and maybe by the own egress. */
function obstacleTo(view: MeshView, mesh: string, tags: Tags): "no-endpoints" | "no-egress" | undefined {
  const service = tags[tagNames.service] ?? "";
  const facts = view.mesh(mesh);
  const outside = view.externalEndpoints(mesh, service);
  const offers = facts?.mtls ? view.remoteOffers(mesh, service).filter(({ isExternal }) => !isExternal) : [];
  const isLocal = outside.length === 0 && view.localEndpoints(mesh, service).some((endpoint) => hasTags(endpoint.tags, tags));
  if (isLocal) return undefined;
  const leaving = outside.length > 0 ? outside : offers;
  if (!leaving.some((endpoint) => hasTags(endpoint.tags, tags))) return "no-endpoints";
  return facts?.leavesByEgress && view.zoneEgresses().length === 0 ? "no-egress" : undefined;
}

function hasTags(tags: Tags, wanted: Tags): boolean {
  return Object.entries(wanted).every(([tag, value]) => tags[tag] === value);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
