import { type MeshGatewaySpec, type Resource, type Tags, type TargetRef, tagNames } from "@meridian/model";
import { refTags, selectForProxy, type TagSelector } from "@meridian/policies";
import type { MeshInventory } from "./inventory.ts";
import type { InspectedGateway, InspectedProxy } from "./proxy.ts";
import type { Policy } from "./to-policies.ts";

/** A route as a listener has it: for some host names, to some destinations. */
export interface ListenerRoute {
  readonly resource: Resource;
  /** Empty: for every host of the listener. */
  readonly hostnames: readonly string[];
  readonly destinations: readonly Tags[];
}

interface Backend {
  readonly destination?: Tags;
}

interface GatewayRouteSpec {
  readonly selectors?: readonly TagSelector[];
  readonly conf: {
    readonly http?: {
      readonly hostnames?: readonly string[];
      readonly rules?: readonly { readonly backends?: readonly Backend[] }[];
    };
    readonly tcp?: { readonly rules?: readonly { readonly backends?: readonly Backend[] }[] };
  };
}

interface RouteItem {
  readonly hostnames?: readonly string[];
  readonly rules?: readonly { readonly default?: { readonly backendRefs?: readonly TargetRef[] } }[];
}

type GatewayListener = MeshGatewaySpec["conf"]["listeners"][number];

/** Routes of either generation that a listener of the proxy's gateway has, sorted by kind and name. */
export function routesOfListener(
  inventory: MeshInventory,
  proxy: InspectedProxy & { readonly gateway: InspectedGateway },
  { listener, tags }: { readonly listener: GatewayListener; readonly tags: Tags },
): readonly ListenerRoute[] {
  const isHttp = listener.protocol === "HTTP" || listener.protocol === "HTTPS";
  const legacy = inventory
    .list<GatewayRouteSpec>("MeshGatewayRoute")
    .filter((route) => (isHttp ? route.spec.conf.http : route.spec.conf.tcp) && selectForProxy([tags], [route]))
    .map((resource) => legacyRoute(resource, isHttp));
  const ofListener = { ...proxy.gateway, listenerTags: [tags] };
  const modern = inventory
    .list<Policy["spec"]>(isHttp ? "MeshHTTPRoute" : "MeshTCPRoute")
    .filter((route) => proxy.gatewaySelectedBy(route, ofListener))
    .map(modernRoute);
  return [...legacy, ...modern];
}

function legacyRoute(resource: Resource<GatewayRouteSpec>, isHttp: boolean): ListenerRoute {
  const { http, tcp } = resource.spec.conf;
  const rules = (isHttp ? http?.rules : tcp?.rules) ?? [];
  const destinations = rules.flatMap(({ backends = [] }) =>
    backends.flatMap(({ destination }) => (destination ? [destination] : [])),
  );
  return { resource, hostnames: (isHttp && http?.hostnames) || [], destinations: distinctTags(destinations) };
}

function modernRoute(resource: Policy): ListenerRoute {
  const items = (resource.spec.to ?? []) as readonly RouteItem[];
  const refs = items.flatMap(({ rules = [] }) => rules.flatMap((rule) => rule.default?.backendRefs ?? []));
  return {
    resource,
    hostnames: [...new Set(items.flatMap(({ hostnames = [] }) => hostnames))],
    destinations: distinctTags(refs.map(backendTags)),
  };
}

/** A real resource is shown as the service of its name. */
function backendTags(ref: TargetRef): Tags {
  return refTags(ref) ?? { [tagNames.service]: ref.name ?? JSON.stringify(ref.labels ?? {}) };
}

function distinctTags(tagSets: readonly Tags[]): readonly Tags[] {
  return [...new Map(tagSets.map((tags) => [JSON.stringify(Object.entries(tags).sort()), tags])).values()];
}
