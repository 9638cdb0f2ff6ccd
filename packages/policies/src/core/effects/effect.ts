import { compareText } from "@meridian/model";
import type { PolicyNote } from "../policy-note.ts";
import type { Decision, GatewayHooks, InboundHooks, OutboundHooks, ProxyHooks } from "./hooks.ts";

/** One kind's decision about one target, with the hooks that carry it out. */
export interface Effect<Hooks> {
  readonly kind: string;
  readonly hooks: Hooks;
  readonly decision: Decision<unknown>;
}

export type OutboundEffect = Effect<OutboundHooks<unknown>>;
export type InboundEffect = Effect<InboundHooks<unknown>>;
export type GatewayEffect = Effect<GatewayHooks<unknown>>;
export type ProxyEffect = Effect<ProxyHooks<unknown>>;

/** Those that have one of these hooks. */
export function having<Hooks extends object>(
  effects: readonly Effect<Hooks>[],
  ...names: readonly (keyof Hooks)[]
): readonly Effect<Hooks>[] {
  return effects.filter(({ hooks }) => names.some((name) => hooks[name] !== undefined));
}

/** Everything that decides what these effects make of equal drafts. */
export function inputsOf(effects: readonly Effect<object>[]): readonly unknown[] {
  return effects.map(({ kind, decision: { conf, byRoute } }) => (byRoute ? [kind, conf, byRoute] : [kind, conf]));
}

/** `keyText` of the policies behind effects and, if given, behind what they change; sorted, each once. */
export function originsOf(effects: readonly Effect<object>[], more: readonly string[] = []): readonly string[] {
  if (effects.length === 0) return more;
  return [...new Set([...more, ...effects.flatMap(({ decision }) => decision.origins)])].sort(compareText);
}

export function notesOf(effects: readonly Effect<object>[]): readonly PolicyNote[] {
  return effects.flatMap(({ decision }) => decision.notes ?? []);
}
