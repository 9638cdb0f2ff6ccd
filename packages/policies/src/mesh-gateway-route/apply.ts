import { compareText, keyText, type Resource, type Tags } from "@meridian/model";
import { anywhere, isHttpListener } from "../core/listeners/anywhere.ts";
import { hostPattern } from "../core/listeners/host-names.ts";
import type { ListenerPlan, ListenerPlanInput } from "../core/listeners/types.ts";
import { distinctDestinations, distinctTagSets } from "../core/route.ts";
import { bestRank } from "../core/selectors.ts";
import { resolveRefs } from "../mesh-http-route/backends.ts";
import { listenerPlan } from "../mesh-http-route/listener.ts";
import { ownedRule } from "../mesh-http-route/rules.ts";
import { asBackendRefs, asRouteRule } from "./rules.ts";
import type { MeshGatewayRouteSpec } from "./schema.ts";

type MeshGatewayRoute = Resource<MeshGatewayRouteSpec>;

/**
 * All routes whose selectors fit the listener, side by side; of rules with equal matches the older route's comes first, as the
 * Gateway API has it (reference: resources-legacy.md section 15). A route of the targetRef generation for the listener replaces them.
 */
export function planListenerByMeshGatewayRoute(input: ListenerPlanInput): ListenerPlan | undefined {
  const { subject, listener } = input;
  const isHttp = isHttpListener(listener);
  const routes = (input.policiesOf("MeshGatewayRoute") as readonly MeshGatewayRoute[])
    .filter(({ mesh, spec }) => mesh === subject.mesh && bestRank(spec.selectors ?? [], [listener.tags]))
    .filter(({ spec: { conf } }) => (isHttp ? conf.http : conf.tcp))
    .sort(compareAge);
  if (routes.length === 0) return undefined;
  const origins = routes.map(keyText).sort(compareText);
  return isHttp ? listenerPlan(routes.flatMap(rulesByHost), input, origins) : connectionPlan(routes, input, origins);
}

/** Tag sets of all backends and mirrors, so that the ingresses of other zones have chains for them. */
export function meshGatewayRouteDestinations({ spec: { conf } }: MeshGatewayRoute): readonly Tags[] {
  const rules = conf.http?.rules ?? [];
  const backends = [...rules, ...(conf.tcp?.rules ?? [])].flatMap((rule) => rule.backends ?? []);
  const mirrors = rules.flatMap(({ filters = [] }) => filters.flatMap(({ mirror }) => (mirror ? [mirror.backend] : [])));
  return distinctTagSets([...backends, ...mirrors].map(({ destination }) => destination));
}

function rulesByHost(route: MeshGatewayRoute) {
  const { hostnames = [], rules = [] } = route.spec.conf.http ?? {};
  const owned = rules.map((rule) => ownedRule(asRouteRule(rule), route));
  const patterns = hostnames.length > 0 ? hostnames.map(hostPattern) : [undefined];
  return [...new Set(patterns)].map((hostname) => ({ hostname, rules: owned }));
}

/** The backends of all rules together. */
function connectionPlan(
  routes: readonly MeshGatewayRoute[],
  { backendOf }: ListenerPlanInput,
  origins: readonly string[],
): ListenerPlan {
  const backends = routes.flatMap(({ spec }) => (spec.conf.tcp?.rules ?? []).flatMap((rule) => rule.backends ?? []));
  const { destinations, idle } =
    backends.length > 0
      ? resolveRefs(asBackendRefs(backends), { outbound: anywhere, backendOf }, "tcp")
      : { destinations: [], idle: [] };
  return { rules: [], connections: destinations, idle: distinctDestinations(idle), origins, notes: [] };
}

function compareAge(a: Resource, b: Resource): number {
  return compareText(a.creationTime, b.creationTime) || compareText(a.name, b.name);
}
