import { keyText, type Resource, type TargetRef } from "@meridian/model";
import { concerns, namesResource } from "../destinations.ts";
import { mergeConfs } from "../merge.ts";
import { orderToItems, type ToItem } from "../policy-order.ts";
import { selectsProxy, type TargetRefSpec, topLevelRef } from "../target-ref.ts";
import type { Decision } from "./hooks.ts";
import type { OutboundDecisionInput } from "./targets.ts";

interface Item<Conf> {
  readonly targetRef: TargetRef;
  readonly default?: Conf | undefined;
}

interface ToSpec<Conf> extends TargetRefSpec {
  readonly to?: readonly Item<Conf>[] | undefined;
}

/**
 * The final conf of a kind with a `to` list for one outbound: every entry that concerns the destination, merged weakest first
 * (reference: policies-envoy.md 2.2, 2.3, 2.5). Routes that policies name, as `to` entry or as top-level target, have a conf of
 * their own; either form works for destinations of either style, where the peer knows one each.
 */
export function decideTo<Conf extends object>(input: OutboundDecisionInput): Decision<Conf> | undefined {
  const policies = input.policies as readonly Resource<ToSpec<Conf>>[];
  const general = orderToItems<Item<Conf>>(policies.filter((policy) => selectsProxy(policy, input.subject)));
  const concerning = general.filter(({ ref }) => concerns(ref, input.outbound));
  const byRoute = routeConfs(input, policies, general, concerning);
  if (concerning.length === 0 && byRoute.size === 0) return undefined;
  const used = [...concerning, ...[...byRoute.values()].flat()];
  return {
    conf: merge(concerning),
    ...(byRoute.size > 0 && {
      byRoute: Object.fromEntries([...byRoute].map(([route, items]) => [route, merge(items)])),
    }),
    origins: [...new Set(used.map(({ policy }) => keyText(policy)))].sort(),
  };
}

/** By MeshHTTPRoute, the entries for its requests. */
function routeConfs<Conf extends object>(
  { routes, subject, world }: OutboundDecisionInput,
  policies: readonly Resource<ToSpec<Conf>>[],
  general: readonly ToItem<Item<Conf>>[],
  concerning: readonly ToItem<Item<Conf>>[],
): ReadonlyMap<string, readonly ToItem<Item<Conf>>[]> {
  const confs = new Map<string, readonly ToItem<Item<Conf>>[]>();
  if (routes.length === 0) return confs;
  const targeting = policies.filter(({ spec }) => topLevelRef(spec).kind === "MeshHTTPRoute");
  const named = general.filter(({ ref }) => ref.kind === "MeshHTTPRoute");
  if (targeting.length === 0 && named.length === 0) return confs;
  for (const route of world.list("MeshHTTPRoute")) {
    const key = keyText(route);
    if (!routes.includes(key)) continue;
    const whole = orderToItems<Item<Conf>>(
      targeting.filter((policy) => policy.mesh === subject.mesh && namesResource(topLevelRef(policy.spec), route)),
    ).filter(({ ref }) => ref.kind === "Mesh" || concerning.some((other) => other.ref.kind === ref.kind));
    const own = named.filter(({ ref }) => namesResource(ref, route));
    if (whole.length === 0 && own.length === 0) continue;
    // An entry for the route replaces those for its service; a policy on the route as a whole comes on top of them.
    const base = own.length > 0 ? concerning.filter(({ ref }) => ref.kind === "Mesh") : concerning;
    confs.set(key, [...base, ...own, ...whole]);
  }
  return confs;
}

function merge<Conf extends object>(items: readonly ToItem<Item<Conf>>[]): Conf {
  return mergeConfs(items.map(({ item }) => item.default ?? ({} as Conf))) ?? ({} as Conf);
}
