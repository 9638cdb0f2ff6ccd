import type { Cluster, FilterChain, Route } from "@meridian/envoy";
import type { GatewayEffect } from "./effect.ts";
import type { ListenerTarget } from "./targets.ts";

type Effects = readonly GatewayEffect[];
const noRoutes: Readonly<Record<string, unknown>> = {};

/** @param policies as for `shapeRoute`. */
export function shapeListenerRoute(route: Route, effects: Effects, target: ListenerTarget, policies: readonly string[]): Route {
  return effects.reduce((draft, { hooks, decision: { conf, byRoute = noRoutes } }) => {
    const policy = policies.findLast((each) => each in byRoute);
    return hooks.route?.(draft, policy === undefined ? conf : byRoute[policy], target) ?? draft;
  }, route);
}

export function shapeListenerChain(chain: FilterChain, effects: Effects, target: ListenerTarget): FilterChain {
  return effects.reduce(
    (draft, { hooks, decision: { conf, byRoute = noRoutes } }) => hooks.chain?.(draft, conf, target, byRoute) ?? draft,
    chain,
  );
}

export function extraListenerClusters(effects: Effects, target: ListenerTarget): readonly Cluster[] {
  return effects.flatMap(
    ({ hooks, decision: { conf, byRoute = noRoutes } }) => hooks.extraClusters?.(conf, target, byRoute) ?? [],
  );
}
