import type { Route, RouteConfiguration } from "@meridian/envoy";
import type { ProtoJson } from "../route.ts";

/** A route that answers by itself has nothing to try again. */
export function setRouteRetries(route: Route, retryPolicy: ProtoJson): Route {
  return route.route ? { ...route, route: { ...route.route, retryPolicy } } : route;
}

/** For all routes that have no policy of their own (RouteAction.retry_policy). */
export function setHostRetries(configuration: RouteConfiguration, retryPolicy: ProtoJson): RouteConfiguration {
  return { ...configuration, virtualHosts: configuration.virtualHosts.map((host) => ({ ...host, retryPolicy })) };
}

export function withoutHostRetries(configuration: RouteConfiguration): RouteConfiguration {
  return { ...configuration, virtualHosts: configuration.virtualHosts.map(({ retryPolicy: _, ...host }) => host) };
}
