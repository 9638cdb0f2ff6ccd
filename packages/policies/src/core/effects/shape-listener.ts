import type { Cluster, FilterChain, Listener, Route } from "@meridian/envoy";
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

export function shapeGatewayListener(listener: Listener, effects: Effects, target: ListenerTarget): Listener {
  return effects.reduce((draft, { hooks, decision }) => hooks.listener?.(draft, decision.conf, target) ?? draft, listener);
}

export function removesGatewayListener(name: string, effects: Effects, target: ListenerTarget): boolean {
  return effects.some(({ hooks, decision }) => hooks.removesListener?.(name, decision.conf, target));
}

export function extraListenerClusters(effects: Effects, target: ListenerTarget): readonly Cluster[] {
  return effects.flatMap(
    ({ hooks, decision: { conf, byRoute = noRoutes } }) => hooks.extraClusters?.(conf, target, byRoute) ?? [],
  );
}
