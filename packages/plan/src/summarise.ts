import { type EncodedResource, outboundClusterName, typeUrls } from "@meridian/envoy";
import { canonicalJson, type MeshSpec } from "@meridian/model";
import type { TouchedGroup, TouchedProxy } from "./group.ts";
import { type ClientGroup, type Focus, type Seen, servicesOf } from "./observe.ts";
import { configLine } from "./told/config.ts";
import { Lines } from "./told/lines.ts";
import { meshTexts } from "./told/mesh.ts";
import { permissionTexts } from "./told/permissions.ts";
import { type OutboundRoutes, routeLines } from "./told/routes.ts";
import { namedDestination } from "./told/words.ts";
import type { SummaryLine } from "./types.ts";
import type { ZoneImage } from "./zones/zone-image.ts";

export interface SummaryInput {
  readonly groups: readonly TouchedGroup[];
  readonly focus: Focus;
  readonly before: Seen;
  readonly after: Seen;
  readonly meshes: readonly MeshChange[];
}

/** A Mesh resource that is written; absent: there is none before, or after. */
export interface MeshChange {
  readonly image: ZoneImage;
  readonly mesh: string;
  readonly before: MeshSpec | undefined;
  readonly after: MeshSpec | undefined;
}

/** What has been told of one client group, so that its Envoy resources are not told again. */
interface ToldRoutes {
  /** Services of outbounds whose routes were told. */
  readonly services: ReadonlySet<string>;
  readonly titles: ReadonlyMap<string, string>;
}

/** The plan in words: routes, permissions, meshes and identities in the terms of users; everything else as fields of Envoy resources. */
export function summarise(input: SummaryInput): readonly SummaryLine[] {
  const lines = new Lines();
  const mtlsTold = tellMeshes(input, lines);
  const told = new Map<TouchedProxy, ToldRoutes>();
  for (const client of input.focus.clients) {
    const routes = tellRoutes(client, input, lines);
    for (const proxy of client.proxies) told.set(proxy, routes);
  }
  permissionTexts(input.focus, input.before, input.after, (line) => lines.add(line));
  for (const group of input.groups) {
    tellIdentity(group, lines);
    tellConfig(group, { lines, told, mtlsTold });
  }
  return lines.list();
}

/** Returns the meshes whose mTLS differs. */
function tellMeshes({ meshes, groups, after: seen }: SummaryInput, lines: Lines): ReadonlySet<string> {
  const mtlsTold = new Set<string>();
  const touched = groups.flatMap(({ proxies }) => proxies);
  for (const { image, mesh, before, after } of meshes) {
    const { texts, isMtls } = meshTexts(before, after, seen.identified.has(`${image.zone}/${mesh}`));
    if (isMtls) mtlsTold.add(mesh);
    const proxies = touched.filter((proxy) => proxy.image === image && proxy.mesh === mesh).map(({ id }) => id);
    if (proxies.length === 0) continue;
    for (const text of texts) {
      lines.add({ about: "mesh", mesh, text: `mesh ${mesh}: ${text}`, services: [], zone: image.zone, proxies, policies: [] });
    }
  }
  return mtlsTold;
}

function tellRoutes(client: ClientGroup, { before, after }: SummaryInput, lines: Lines): ToldRoutes {
  const { image, mesh, services, proxies } = client;
  const was = before.outbounds.get(client) ?? new Map();
  const is = after.outbounds.get(client) ?? new Map();
  const toldServices = new Set<string>();
  const titles = new Map<string, string>();
  for (const [key, { service, unit, routes, names, kri }] of is) {
    const old = was.get(key);
    titles.set(`outbound:${key}`, `outbound to ${service}`);
    if (kri !== undefined) titles.set(kri, `outbound to ${service}`);
    addClusterTitles(titles, routes, names);
    if (!old || old.service !== service || canonicalJson(old.routes) === canonicalJson(routes)) continue;
    addClusterTitles(titles, old.routes, old.names);
    const all = new Map<string, string>([...old.names, ...names]);
    const texts = routeLines({ unit, service, before: old.routes, after: routes, names: all });
    if (texts.length > 0) toldServices.add(service);
    const policies = [...originsOf(old.routes), ...originsOf(routes)];
    const ids = proxies.map(({ id }) => id);
    for (const text of texts) lines.add({ about: "routes", mesh, text, services, zone: image.zone, proxies: ids, policies });
  }
  return { services: toldServices, titles };
}

function originsOf(routes: OutboundRoutes): readonly string[] {
  return routes === "cut" ? [] : routes.origins;
}

function addClusterTitles(titles: Map<string, string>, routes: OutboundRoutes, names: ReadonlyMap<string, string>): void {
  if (routes === "cut") return;
  const destinations = routes.entries.flatMap((entry) => [...entry.destinations, ...(entry.mirrors ?? [])]);
  for (const { tags } of [...destinations, ...(routes.idle ?? [])])
    titles.set(outboundClusterName(tags), namedDestination(tags, names));
}

function tellIdentity({ proxies }: TouchedGroup, lines: Lines): void {
  for (const { image, mesh, id, name, forward, isNew } of proxies) {
    const { identity } = forward;
    if (identity === undefined || isNew) continue;
    const text = identity ? `certificates come from backend ${identity.backend}` : "proxies need no certificate any more";
    const services = servicesOf(image, mesh, name);
    lines.add({
      about: "identity",
      mesh,
      text: `mesh ${mesh}: ${text}`,
      services,
      zone: image.zone,
      proxies: [id],
      policies: [],
    });
  }
}

interface ConfigTelling {
  readonly lines: Lines;
  readonly told: ReadonlyMap<TouchedProxy, ToldRoutes>;
  readonly mtlsTold: ReadonlySet<string>;
}

/** Proxies of one group that serve the same services are told of together. */
function tellConfig({ proxies, steps }: TouchedGroup, { lines, told, mtlsTold }: ConfigTelling): void {
  for (const alike of byServices(proxies)) {
    const [first] = alike;
    if (!first) continue;
    const { image, mesh, name, type, isNew } = first;
    const services = servicesOf(image, mesh, name);
    const base = { about: "config" as const, mesh, services, zone: image.zone, proxies: alike.map(({ id }) => id) };
    if (isNew) {
      for (const proxy of alike)
        lines.add({ ...base, proxies: [proxy.id], text: `${proxy.name} is new and gets its first config`, policies: [] });
      continue;
    }
    const routes = told.get(first);
    const context = {
      title: (resource: EncodedResource) =>
        titleOf(resource, routes, type === "ingress" ? `ingress ${name}` : services.join(" and ")),
      areRoutesTold: (resource: EncodedResource) =>
        [...(routes?.services ?? [])].some((service) => isOf(resource, service, routes)),
      isMtlsTold: mtlsTold.has(mesh),
    };
    for (const step of steps) {
      const text = configLine(step, context);
      if (text !== undefined) lines.add({ ...base, text, policies: step.policies });
    }
  }
}

function byServices(proxies: readonly TouchedProxy[]): readonly (readonly TouchedProxy[])[] {
  const groups = new Map<string, TouchedProxy[]>();
  for (const proxy of proxies) {
    const key =
      proxy.type === "ingress"
        ? proxy.id
        : `${proxy.zone} ${proxy.mesh} ${servicesOf(proxy.image, proxy.mesh, proxy.name).join()}`;
    const group = groups.get(key);
    if (group) group.push(proxy);
    else groups.set(key, [proxy]);
  }
  return [...groups.values()];
}

/** How people call what a resource is for. */
function titleOf({ typeUrl, name }: EncodedResource, routes: ToldRoutes | undefined, owner: string): string {
  if (typeUrl === typeUrls.route) {
    const outbound = routes?.titles.get(name);
    return outbound?.replace("outbound", "routes") ?? `routes to ${name.replace(/^outbound:/, "").replace(/:.*$/, "")}`;
  }
  if (typeUrl === typeUrls.listener)
    return name.startsWith("inbound:") ? `inbound of ${owner}` : (routes?.titles.get(name) ?? name);
  const destination = routes?.titles.get(name) ?? name;
  return typeUrl === typeUrls.cluster ? `cluster ${destination}` : destination;
}

function isOf({ typeUrl, name }: EncodedResource, service: string, routes: ToldRoutes | undefined): boolean {
  const isRoute = typeUrl === typeUrls.route;
  if (isRoute && (name === `outbound:${service}` || name.startsWith(`outbound:${service}:`))) return true;
  return (isRoute || typeUrl === typeUrls.listener) && routes?.titles.get(name) === `outbound to ${service}`;
}
