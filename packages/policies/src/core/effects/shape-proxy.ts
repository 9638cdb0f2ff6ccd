import type { ProxyEffect } from "./effect.ts";
import type { OwnResource } from "./hooks.ts";
import type { ProxyTarget } from "./targets.ts";

export function shapeOwnResources(
  resources: readonly OwnResource[],
  effects: readonly ProxyEffect[],
  target: ProxyTarget,
): readonly OwnResource[] {
  return effects.reduce((draft, { hooks, decision }) => hooks.resources?.(draft, decision.conf, target) ?? draft, resources);
}
