import { type ProxyPatch, typeUrls } from "@meridian/envoy";
import type { ClientIdentity } from "@meridian/explain";
import { canonicalJson, compareText, type Tags, tagNames } from "@meridian/model";
import type { PermissionPlan } from "@meridian/policies";
import { type Named, patchText, type TouchedProxy } from "./group.ts";
import { certificateOf } from "./reach/certificates.ts";
import type { Instant, Reach } from "./reach/instant.ts";
import { outboundsOf as listOutbounds, type Outbound, outboundKey, realNames, unitOf } from "./reach/outbounds.ts";
import type { OutboundRoutes } from "./told/routes.ts";
import type { ZoneImage } from "./zones/zone-image.ts";

/** Data planes that change in the same way on their outbound side: one of them stands for all. */
export interface ClientGroup {
  readonly image: ZoneImage;
  readonly mesh: string;
  /** Of the one that stands for all. */
  readonly name: string;
  readonly services: readonly string[];
  readonly proxies: readonly TouchedProxy[];
}

/** One inbound of a data plane whose inbounds change. */
export interface TouchedServer {
  readonly image: ZoneImage;
  readonly mesh: string;
  readonly name: string;
  readonly id: string;
}

/** A client and one of its outbounds, of which to find out how much gets through. */
export interface Pair {
  readonly image: ZoneImage;
  readonly mesh: string;
  /** Of the data plane that stands for all like it. */
  readonly name: string;
  readonly from: readonly string[];
  readonly to: string;
  readonly outbound: string;
  /** Connected data planes that are like it. */
  readonly online: number;
}

/** Where to look, before and after. */
export interface Focus {
  readonly images: readonly ZoneImage[];
  readonly clients: readonly ClientGroup[];
  readonly servers: readonly TouchedServer[];
  readonly pairs: readonly Pair[];
}

export interface SeenOutbound {
  readonly service: string;
  readonly unit: "requests" | "connections";
  readonly routes: OutboundRoutes;
  /** See `realNames`. */
  readonly names: ReadonlyMap<string, string>;
  /** Of its real service. */
  readonly kri?: string;
}

/** A client of a mesh, whatever its zone. */
export interface CertificateHolder {
  readonly services: readonly string[];
  readonly identity: ClientIdentity;
}

/** What was seen; plain values, by the objects of the focus. */
export interface Seen {
  /** By `address:port`. */
  readonly outbounds: ReadonlyMap<ClientGroup, ReadonlyMap<string, SeenOutbound>>;
  /** By section; without a plan where no certificates are asked for. */
  readonly permissions: ReadonlyMap<
    TouchedServer,
    ReadonlyMap<string, { readonly service: string; readonly plan?: PermissionPlan }>
  >;
  readonly reaches: ReadonlyMap<Pair, Reach>;
  /** Data planes of the meshes whose servers change: by mesh, then by zone and name. */
  readonly holders: ReadonlyMap<string, ReadonlyMap<string, CertificateHolder>>;
  /** Meshes with MeshIdentities in use, as `zone/mesh`. */
  readonly identified: ReadonlySet<string>;
}

/** Called while the images are as they would be: what changes is known then. */
export function focusOn(
  images: readonly ZoneImage[],
  touched: readonly TouchedProxy[],
  isOnline: (zone: string, proxyId: string) => boolean,
): Focus {
  const dataplanes = touched.filter(({ type, isNew }) => type === "dataplane" && !isNew);
  const clients = clientGroups(dataplanes.filter(({ forward }) => hasShared(forward.patch)));
  const servers = dataplanes.filter(({ forward }) => hasInbound(forward.patch));
  const services = new Set(
    servers.flatMap(({ image, mesh, name }) => servicesOf(image, mesh, name).map((each) => `${mesh}/${each}`)),
  );
  return {
    images,
    clients,
    servers,
    pairs: [...clients.flatMap(pairsOfGroup), ...(services.size > 0 ? pairsTo(services, images, isOnline) : [])],
  };
}

export function observe(instant: Instant, { images, clients, servers, pairs }: Focus): Seen {
  const meshes = new Set(servers.map(({ mesh }) => mesh));
  const touched = [...clients, ...servers].filter(({ image, mesh }) => image.engine.view.identities(mesh).length > 0);
  return {
    holders: new Map([...meshes].map((mesh) => [mesh, holdersOf(images, mesh)])),
    identified: new Set(touched.map(({ image, mesh }) => `${image.zone}/${mesh}`)),
    outbounds: new Map(clients.map((client) => [client, outboundsOf(instant, client)])),
    permissions: new Map(servers.map((server) => [server, permissionsOf(instant, server)])),
    reaches: new Map(
      pairs.flatMap((pair) => {
        const reach = instant.reach(pair, pair.outbound);
        return reach ? [[pair, reach] as const] : [];
      }),
    ),
  };
}

function outboundsOf(instant: Instant, { image, mesh, name }: ClientGroup): ReadonlyMap<string, SeenOutbound> {
  const { view } = image.engine;
  const dataplane = view.dataplane(mesh, name);
  if (!dataplane || !view.mesh(mesh)) return new Map();
  return new Map(
    [...instant.outbounds(image, mesh, name)].map(([key, outbound]) => {
      const routes = instant.routes(image, mesh, dataplane, outbound);
      const names = realNames(view, mesh, routes);
      const { to, kri } = outbound;
      const seen = { service: to, unit: unitOf(view, mesh, outbound), routes, names, ...(kri !== undefined && { kri }) };
      return [key, seen] as const;
    }),
  );
}

function holdersOf(images: readonly ZoneImage[], mesh: string): ReadonlyMap<string, CertificateHolder> {
  const holders = new Map<string, CertificateHolder>();
  for (const { zone, engine, proxies } of images) {
    for (const { type, mesh: own, name } of proxies.values()) {
      const dataplane = type === "dataplane" && own === mesh ? engine.view.dataplane(mesh, name) : undefined;
      if (!dataplane) continue;
      const identity = certificateOf(engine.view, mesh, dataplane);
      holders.set(`${zone}/${name}`, { services: servicesOfTags(dataplane.tagSets), identity });
    }
  }
  return holders;
}

function permissionsOf(instant: Instant, { image, mesh, name }: TouchedServer) {
  const dataplane = image.engine.view.dataplane(mesh, name);
  return new Map(
    (dataplane?.inbounds ?? []).map((inbound) => {
      const plan = dataplane && instant.permission(image, mesh, dataplane, inbound);
      return [inbound.section, { service: inbound.service, ...(plan && { plan }) }] as const;
    }),
  );
}

/** Data planes with the same services that take the same step, but for what each has alone. */
function clientGroups(dataplanes: readonly TouchedProxy[]): readonly ClientGroup[] {
  const texts = new WeakMap<ProxyPatch, string>();
  const groups = new Map<string, ClientGroup & { readonly proxies: TouchedProxy[] }>();
  for (const proxy of dataplanes) {
    const { image, mesh, name, forward } = proxy;
    const services = servicesOf(image, mesh, name);
    const text = texts.get(forward.patch) ?? patchText(forward.patch, isShared);
    texts.set(forward.patch, text);
    const key = `${image.zone}\n${mesh}\n${services.join()}\n${text}`;
    const group = groups.get(key);
    if (group) group.proxies.push(proxy);
    else groups.set(key, { image, mesh, name, services, proxies: [proxy] });
  }
  return [...groups.values()];
}

/** Listeners of inbounds and clusters of workloads belong to one proxy; all else it shares with others that do the same. */
function isShared({ typeUrl, name }: Named): boolean {
  if (typeUrl === typeUrls.listener) return !name.startsWith("inbound:");
  return typeUrl !== typeUrls.cluster || !name.startsWith("localhost:");
}

function hasShared({ changed, removed }: ProxyPatch): boolean {
  return changed.some(isShared) || removed.some(isShared);
}

function hasInbound({ changed, removed }: ProxyPatch): boolean {
  return [...changed, ...removed].some(({ typeUrl, name }) => typeUrl === typeUrls.listener && name.startsWith("inbound:"));
}

function pairsOfGroup({ image, mesh, name, services, proxies }: ClientGroup): readonly Pair[] {
  const online = proxies.filter(({ isOnline }) => isOnline).length;
  if (online === 0) return [];
  return listOutbounds(image.engine.view, mesh, name).map((outbound) => ({
    ...{ image, mesh, name, online },
    from: services,
    to: outbound.to,
    outbound: outboundKey(outbound),
  }));
}

/**
 * Connected clients, in all zones, with an outbound to one of the services (`mesh/service`), or to a real service of its mesh: any data
 * plane may stand behind that.
 */
function pairsTo(
  services: ReadonlySet<string>,
  images: readonly ZoneImage[],
  isOnline: (zone: string, proxyId: string) => boolean,
): readonly Pair[] {
  const meshes = new Set([...services].map((service) => service.slice(0, service.indexOf("/"))));
  const leadsThere = (mesh: string, { service, backend }: Outbound): boolean =>
    backend ? meshes.has(mesh) : services.has(`${mesh}/${service}`);
  return clientsAlike(images, isOnline).flatMap(({ image, mesh, name, tagSets, online }) => {
    const from = servicesOfTags(tagSets);
    return listOutbounds(image.engine.view, mesh, name)
      .filter((outbound) => leadsThere(mesh, outbound))
      .map((outbound) => ({ image, mesh, name, from, to: outbound.to, outbound: outboundKey(outbound), online }));
  });
}

/** Connected data planes with equal tags, equal certificates and equal outbounds. */
interface ClientsAlike {
  readonly image: ZoneImage;
  readonly mesh: string;
  /** Of the one that stands for all. */
  readonly name: string;
  readonly tagSets: readonly Tags[];
  online: number;
}

function clientsAlike(
  images: readonly ZoneImage[],
  isOnline: (zone: string, proxyId: string) => boolean,
): readonly ClientsAlike[] {
  const groups = new Map<string, ClientsAlike>();
  for (const image of images) {
    for (const { id, type, mesh, name } of image.proxies.values()) {
      const dataplane = type === "dataplane" && isOnline(image.zone, id) && image.engine.view.dataplane(mesh, name);
      if (!dataplane) continue;
      const { tagSets, outbounds, reachable, transparentProxy } = dataplane;
      const { uris } = certificateOf(image.engine.view, mesh, dataplane);
      const key = canonicalJson([image.zone, mesh, tagSets, uris, outbounds.key, reachable, transparentProxy !== undefined]);
      const known = groups.get(key);
      if (known) known.online += 1;
      else groups.set(key, { image, mesh, name, tagSets, online: 1 });
    }
  }
  return [...groups.values()];
}

/** Services of a data plane, sorted. */
export function servicesOf(image: ZoneImage, mesh: string, name: string): readonly string[] {
  return servicesOfTags(image.engine.view.dataplane(mesh, name)?.tagSets ?? []);
}

export function servicesOfTags(tagSets: readonly Tags[]): readonly string[] {
  return [...new Set(tagSets.flatMap((tags) => tags[tagNames.service] ?? []))].sort(compareText);
}
