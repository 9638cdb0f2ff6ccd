import type { Cluster, FilterChain, Listener, Route, RouteConfiguration } from "@meridian/envoy";
import type { OutboundEffect } from "./effect.ts";
import type { Assignment, OutboundTarget } from "./targets.ts";

type Effects = readonly OutboundEffect[];
const noRoutes: Readonly<Record<string, unknown>> = {};

export function shapeCluster(cluster: Cluster, effects: Effects, target: OutboundTarget): Cluster {
  return effects.reduce((draft, { hooks, decision }) => hooks.cluster?.(draft, decision.conf, target) ?? draft, cluster);
}

export function removesCluster(name: string, effects: Effects, target: OutboundTarget): boolean {
  return effects.some(({ hooks, decision }) => hooks.removesCluster?.(name, decision.conf, target));
}

export function shapeEndpoints(assignment: Assignment, effects: Effects, target: OutboundTarget): Assignment {
  return effects.reduce((draft, { hooks, decision }) => hooks.endpoints?.(draft, decision.conf, target) ?? draft, assignment);
}

/** @param policies MeshHTTPRoutes (`keyText`) behind the route, strongest last: the last one with a conf of its own decides. */
export function shapeRoute(route: Route, effects: Effects, target: OutboundTarget, policies: readonly string[]): Route {
  return effects.reduce((draft, { hooks, decision: { conf, byRoute = noRoutes } }) => {
    const policy = policies.findLast((each) => each in byRoute);
    return hooks.route?.(draft, policy === undefined ? conf : byRoute[policy], target) ?? draft;
  }, route);
}

export function shapeRouteConfiguration(
  configuration: RouteConfiguration,
  effects: Effects,
  target: OutboundTarget,
): RouteConfiguration {
  return effects.reduce(
    (draft, { hooks, decision }) => hooks.routeConfiguration?.(draft, decision.conf, target) ?? draft,
    configuration,
  );
}

export function shapeChain(chain: FilterChain, effects: Effects, target: OutboundTarget): FilterChain {
  return effects.reduce(
    (draft, { hooks, decision: { conf, byRoute = noRoutes } }) => hooks.chain?.(draft, conf, target, byRoute) ?? draft,
    chain,
  );
}

export function shapeListener(listener: Listener, effects: Effects, target: OutboundTarget): Listener {
  return effects.reduce((draft, { hooks, decision }) => hooks.listener?.(draft, decision.conf, target) ?? draft, listener);
}

export function removesListener(name: string, effects: Effects, target: OutboundTarget): boolean {
  return effects.some(({ hooks, decision }) => hooks.removesListener?.(name, decision.conf, target));
}

export function extraClusters(effects: Effects, target: OutboundTarget): readonly Cluster[] {
  return effects.flatMap(
    ({ hooks, decision: { conf, byRoute = noRoutes } }) => hooks.extraClusters?.(conf, target, byRoute) ?? [],
  );
}
