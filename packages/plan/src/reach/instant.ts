import { type ClientIdentity, isAllowed } from "@meridian/explain";
import { hasGivenIds, inboundPermission, type MeshView } from "@meridian/generator";
import { type Tags, tagNames } from "@meridian/model";
import type { PermissionPlan, ProxySubject, RouteDestination, RouteEntry } from "@meridian/policies";
import type { OutboundRoutes } from "../told/routes.ts";
import type { CutOffReason } from "../types.ts";
import type { ZoneImage } from "../zones/zone-image.ts";
import { asksForCertificates, certificateOf } from "./certificates.ts";
import { type Outbound, outboundKey, outboundsOf, routesOf, unitOf } from "./outbounds.ts";
import { obstacleToReal, placeOf, realNameOf, realServerPlaces } from "./real-servers.ts";

type Dataplane = NonNullable<ReturnType<MeshView["dataplane"]>>;
export type Inbound = Dataplane["inbounds"][number];

/** A client as reach sees it: one data plane stands for all that are like it. */
export interface Client {
  readonly image: ZoneImage;
  readonly mesh: string;
  readonly name: string;
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
  /** By zone, mesh and name of the data plane; then by `outboundKey`. */
  readonly #outbounds = new Map<string, ReadonlyMap<string, Outbound>>();
  #servers: ReadonlyMap<string, readonly Server[]> | undefined;

  constructor(images: readonly ZoneImage[]) {
    this.#images = images;
  }

  /** By `outboundKey`. */
  outbounds({ zone, engine }: ZoneImage, mesh: string, dataplane: string): ReadonlyMap<string, Outbound> {
    const id = `${zone}\n${mesh}\n${dataplane}`;
    const known = this.#outbounds.get(id);
    if (known) return known;
    const found = new Map(outboundsOf(engine.view, mesh, dataplane).map((outbound) => [outboundKey(outbound), outbound]));
    this.#outbounds.set(id, found);
    return found;
  }

  routes({ engine }: ZoneImage, mesh: string, dataplane: Dataplane, outbound: Outbound): OutboundRoutes {
    return routesOf(engine.view, subjectOf(engine.view, mesh, dataplane), outbound);
  }

  /** Undefined where the data plane asks for no certificates: then everybody may. */
  permission({ engine }: ZoneImage, mesh: string, dataplane: Dataplane, inbound: Inbound): PermissionPlan | undefined {
    const { view } = engine;
    if (!asksForCertificates(view, mesh, dataplane)) return undefined;
    return inboundPermission(view, subjectOf(view, mesh, dataplane), inbound);
  }

  /** Undefined while the client, its mesh or the outbound is not there. */
  reach({ image, mesh, name }: Client, key: string): Reach | undefined {
    const { view } = image.engine;
    const dataplane = view.dataplane(mesh, name);
    const outbound = this.outbounds(image, mesh, name).get(key);
    if (!dataplane || !outbound || !view.mesh(mesh)) return undefined;
    const plan = this.routes(image, mesh, dataplane, outbound);
    if (plan === "cut") return { best: 0, worst: 0, reason: "no-route", routedBy: [], permittedBy: [] };
    const entries = unitOf(view, mesh, outbound) === "requests" ? plan.entries : plan.entries.slice(-1);
    const identity = certificateOf(view, mesh, dataplane);
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
    for (const { weight, ...to } of entry.destinations) {
      const reason = to.backend ? obstacleToReal(image, mesh, to.backend) : obstacleTo(image.engine.view, mesh, to.tags);
      const destination = to.backend ? { [tagNames.service]: realNameOf(image, mesh, to.backend) } : to.tags;
      const part: EntryShare = reason
        ? { share: 0, reason, destination }
        : { ...this.#admitted(image, mesh, to, identity), destination };
      for (const origin of part.permittedBy ?? []) permittedBy.add(origin);
      share += (weight / total) * part.share;
      if (part.share < worst.share) worst = part;
    }
    return { ...worst, share, permittedBy: [...permittedBy] };
  }

  /** The share of a destination's data planes, in all zones, that let the client in. */
  #admitted(image: ZoneImage, mesh: string, to: RouteDestination, identity: ClientIdentity): Omit<EntryShare, "destination"> {
    const servers = this.#serversOf(image, mesh, to);
    if (servers.length === 0) return { share: 1 };
    const origins = new Set<string>();
    let refused = 0;
    for (const server of servers) {
      const plan = server.permission();
      for (const origin of plan?.origins ?? []) origins.add(origin);
      if (plan && isAllowed(plan.rbac, identity) === false) refused += 1;
    }
    if (refused === 0) return { share: 1, permittedBy: [...origins] };
    return { share: 1 - refused / servers.length, reason: "refused", permittedBy: [...origins] };
  }

  #serversOf(image: ZoneImage, mesh: string, { tags, backend }: RouteDestination): readonly Server[] {
    this.#servers ??= this.#indexServers();
    const servers = this.#servers;
    if (backend) {
      return realServerPlaces(this.#images, { image, mesh, backend }).flatMap((place) => servers.get(place) ?? []);
    }
    const ofService = servers.get(`${mesh}/${tags[tagNames.service] ?? ""}`) ?? [];
    return ofService.filter(({ inbound }) => hasTags(inbound.tags, tags));
  }

  /** By service, and by place. */

  #indexServers(): ReadonlyMap<string, readonly Server[]> {
    const servers = new Map<string, Server[]>();
    for (const image of this.#images) {
      for (const { type, mesh, name } of image.proxies.values()) {
        const dataplane = type === "dataplane" ? image.engine.view.dataplane(mesh, name) : undefined;
        for (const inbound of dataplane?.inbounds ?? []) {
          const server = { inbound, permission: once(() => dataplane && this.permission(image, mesh, dataplane, inbound)) };
          const endpoints = dataplane?.endpoints.get(inbound.service) ?? [];
          const places = endpoints
            .filter(({ section }) => section === inbound.section)
            .map((endpoint) => placeOf(image.zone, mesh, endpoint));
          for (const key of [`${mesh}/${inbound.service}`, ...places]) {
            const known = servers.get(key);
            if (known) known.push(server);
            else servers.set(key, [server]);
          }
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

function subjectOf(view: MeshView, mesh: string, { name, labels, tagSets }: Dataplane): ProxySubject {
  return { mesh, name, zone: view.zone, labels, tagSets };
}

/** As the generator counts endpoints: other zones are reached through their ingresses, which need certificates, and maybe by the own egress. */
function obstacleTo(view: MeshView, mesh: string, tags: Tags): "no-endpoints" | "no-egress" | undefined {
  const service = tags[tagNames.service] ?? "";
  const facts = view.mesh(mesh);
  const outside = view.externalEndpoints(mesh, service);
  const offers =
    facts?.mtls || hasGivenIds(view, mesh, { tags })
      ? view.remoteOffers(mesh, service).filter(({ isExternal }) => !isExternal)
      : [];
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
