import type { Cluster, Filter, FilterChain, Listener, RouteConfiguration, VirtualHost } from "@meridian/envoy";
import { type HttpManager, mapHttpManager } from "../effects/edit.ts";
import type { ProtoJson } from "../route.ts";
import { fitsTags } from "../selectors.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { mergeMessage } from "./merge-message.ts";
import type { PatchModification } from "./modification.ts";

type Modifications = readonly PatchModification[];

/** Whether a Remove names this cluster. */
export function removesClusterNamed(name: string, modifications: Modifications, origin: string): boolean {
  return modifications.some(
    ({ target, operation, match }) =>
      target === "cluster" && operation === "Remove" && isOrigin(match.origin, origin) && fits(match.name, name),
  );
}

/** Whether a Remove is for this listener. */
export function removesListenerLike(
  name: string,
  tags: Readonly<Record<string, string>>,
  modifications: Modifications,
  origin: string,
) {
  return modifications.some(
    ({ target, operation, match }) =>
      target === "listener" && operation === "Remove" && isOrigin(match.origin, origin) && isListener(match, name, tags),
  );
}

export function patchCluster(cluster: Cluster, modifications: Modifications, origin: string): Cluster {
  return modifications
    .filter(({ target, operation, match }) => target === "cluster" && operation === "Patch" && isOrigin(match.origin, origin))
    .filter(({ match }) => fits(match.name, cluster.name))
    .reduce<Cluster>((draft, modification) => patched(draft, modification), cluster);
}

/** The listener itself, its network and HTTP filters, and the virtual hosts that stand in it; modification after modification. */
export function patchListener(listener: Listener, modifications: Modifications, origin: string): Listener {
  return modifications
    .filter(({ match }) => isOrigin(match.origin, origin))
    .reduce<Listener>((draft, modification) => patchOneListener(draft, modification), listener);
}

function patchOneListener(listener: Listener, modification: PatchModification): Listener {
  const { target, operation, match } = modification;
  if (target !== "virtualHost" && !isListener(match, listener.name, tagsOf(listener))) return listener;
  const chains = (edit: (chain: FilterChain) => FilterChain): Listener => ({
    ...listener,
    filterChains: listener.filterChains.map(edit),
  });
  switch (target) {
    case "listener":
      return operation === "Patch" ? patched(listener, modification) : listener;
    case "networkFilter":
      return chains((chain) => ({ ...chain, filters: patchFilters(chain.filters, modification) }));
    case "httpFilter":
      return chains((chain) =>
        mapHttpManager(chain, (manager) => ({ ...manager, httpFilters: patchFilters(manager.httpFilters, modification) })),
      );
    case "virtualHost":
      return chains((chain) => mapHttpManager(chain, (manager) => patchInlineRoutes(manager, modification)));
    default:
      return listener;
  }
}

function patchInlineRoutes(manager: HttpManager, modification: PatchModification): HttpManager {
  const routeConfig = manager["routeConfig"] as RouteConfiguration | undefined;
  return routeConfig ? { ...manager, routeConfig: patchVirtualHosts(routeConfig, modification) } : manager;
}

/** Routes of outbounds come by RDS: they are patched as if they stood in the listener. */
export function patchRoutes(configuration: RouteConfiguration, modifications: Modifications, origin: string): RouteConfiguration {
  return modifications
    .filter(({ target, match }) => target === "virtualHost" && isOrigin(match.origin, origin))
    .reduce<RouteConfiguration>(patchVirtualHosts, configuration);
}

function patchVirtualHosts(configuration: RouteConfiguration, modification: PatchModification): RouteConfiguration {
  const { operation, match, value } = modification;
  if (!fits(match.routeConfigurationName, configuration.name)) return configuration;
  const { virtualHosts } = configuration;
  if (operation === "Add") return { ...configuration, virtualHosts: [...virtualHosts, value as unknown as VirtualHost] };
  const wanted = ({ name }: VirtualHost) => fits(match.name, name);
  if (operation === "Remove") return { ...configuration, virtualHosts: virtualHosts.filter((host) => !wanted(host)) };
  return { ...configuration, virtualHosts: virtualHosts.map((host) => (wanted(host) ? patched(host, modification) : host)) };
}

function patchFilters(filters: readonly Filter[], modification: PatchModification): readonly Filter[] {
  const { operation, match, value } = modification;
  const added = value as unknown as Filter;
  const index = filters.findIndex(({ name }) => name === match.name);
  switch (operation) {
    case "AddFirst":
      return [added, ...filters];
    case "AddLast":
      return [...filters, added];
    case "AddBefore":
      return index < 0 ? filters : filters.toSpliced(index, 0, added);
    case "AddAfter":
      return index < 0 ? filters : filters.toSpliced(index + 1, 0, added);
    case "Remove":
      return filters.filter(({ name }) => !fits(match.name, name));
    default:
      return filters.map((filter) => (fits(match.name, filter.name) ? patchFilter(filter, modification) : filter));
  }
}

/** A patch of a filter is one of its config; JSON patches start there too. */
function patchFilter(filter: Filter, { value, jsonPatches }: PatchModification): Filter {
  const config = filter.typedConfig as ProtoJson;
  const merged = value?.["typedConfig"] ? mergeMessage(config, value["typedConfig"] as ProtoJson) : config;
  return { ...filter, typedConfig: (jsonPatches ? applyJsonPatch(merged, jsonPatches) : merged) as Filter["typedConfig"] };
}

function patched<Message extends object>(message: Message, { value, jsonPatches }: PatchModification): Message {
  const merged = value ? mergeMessage(message as unknown as ProtoJson, value) : (message as unknown as ProtoJson);
  return (jsonPatches ? applyJsonPatch(merged, jsonPatches) : merged) as unknown as Message;
}

function isListener(
  { listenerName, listenerTags }: PatchModification["match"],
  name: string,
  tags: Readonly<Record<string, string>>,
) {
  return fits(listenerName, name) && (!listenerTags || fitsTags(listenerTags, tags));
}

function tagsOf(listener: Listener): Readonly<Record<string, string>> {
  const metadata = listener["metadata"] as { readonly filterMetadata?: Readonly<Record<string, object>> } | undefined;
  return (metadata?.filterMetadata?.["io.kuma.tags"] ?? {}) as Readonly<Record<string, string>>;
}

function isOrigin(wanted: string | undefined, origin: string): boolean {
  return fits(wanted, origin);
}

function fits(wanted: string | undefined, actual: string): boolean {
  return wanted === undefined || wanted === "" || wanted === actual;
}
