import type { Cluster, FilterChain, Listener, Route } from "@meridian/envoy";
import type { InboundEffect } from "./effect.ts";
import type { InboundSecurity } from "./hooks.ts";
import type { InboundChainTarget, InboundTarget } from "./targets.ts";

type Effects = readonly InboundEffect[];

export function shapeSecurity(security: InboundSecurity, effects: Effects, target: InboundTarget): InboundSecurity {
  return effects.reduce((draft, { hooks, decision }) => hooks.security?.(draft, decision.conf, target) ?? draft, security);
}

export function shapeLocalCluster(cluster: Cluster, effects: Effects, target: InboundTarget): Cluster {
  return effects.reduce((draft, { hooks, decision }) => hooks.cluster?.(draft, decision.conf, target) ?? draft, cluster);
}

export function removesLocalCluster(name: string, effects: Effects, target: InboundTarget): boolean {
  return effects.some(({ hooks, decision }) => hooks.removesCluster?.(name, decision.conf, target));
}

export function shapeInboundRoutes(routes: readonly Route[], effects: Effects, target: InboundTarget): readonly Route[] {
  return effects.reduce((draft, { hooks, decision }) => hooks.routes?.(draft, decision.conf, target) ?? draft, routes);
}

export function shapeInboundChain(chain: FilterChain, effects: Effects, target: InboundChainTarget): FilterChain {
  return effects.reduce((draft, { hooks, decision }) => hooks.chain?.(draft, decision.conf, target) ?? draft, chain);
}

export function shapeInboundListener(listener: Listener, effects: Effects, target: InboundTarget): Listener {
  return effects.reduce((draft, { hooks, decision }) => hooks.listener?.(draft, decision.conf, target) ?? draft, listener);
}

export function removesInboundListener(name: string, effects: Effects, target: InboundTarget): boolean {
  return effects.some(({ hooks, decision }) => hooks.removesListener?.(name, decision.conf, target));
}

export function extraInboundClusters(effects: Effects, target: InboundTarget): readonly Cluster[] {
  return effects.flatMap(({ hooks, decision }) => hooks.extraClusters?.(decision.conf, target) ?? []);
}
