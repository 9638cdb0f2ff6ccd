import { compareText, keyText, type Resource } from "@meridian/model";
import { anywhere, isHttpListener } from "../core/listeners/anywhere.ts";
import type { ListenerPlan, ListenerPlanInput } from "../core/listeners/types.ts";
import { mergeConfs } from "../core/merge.ts";
import { orderToItems } from "../core/policy-order.ts";
import { distinctDestinations } from "../core/route.ts";
import { selectsProxy } from "../core/target-ref.ts";
import { missingNote, resolveRefs } from "../mesh-http-route/backends.ts";
import { ownedConf } from "./owned-conf.ts";
import type { MeshTcpRouteSpec } from "./schema.ts";

/** Where connections at a TCP or TLS listener of a gateway go: the backends of the strongest MeshTCPRoute that names some. */
export function planListenerByMeshTcpRoute(input: ListenerPlanInput): ListenerPlan | undefined {
  if (isHttpListener(input.listener)) return undefined;
  const policies = (input.policiesOf("MeshTCPRoute") as readonly Resource<MeshTcpRouteSpec>[]).filter((policy) =>
    selectsProxy(policy, input.subject),
  );
  const items = orderToItems(policies).filter(({ ref }) => ref.kind === "Mesh");
  if (items.length === 0) return undefined;
  const rules = items.flatMap(({ item, policy }) => item.rules.map((rule) => ownedConf(rule, policy)));
  const refs = mergeConfs(rules.map(({ conf }) => conf))?.backendRefs ?? [];
  const outbound = anywhere;
  const { destinations, idle, problems } =
    refs.length > 0
      ? resolveRefs(refs, { outbound, backendOf: input.backendOf }, "tcp")
      : { destinations: [], idle: [], problems: [] };
  const naming = rules.findLast(({ conf }) => conf.backendRefs)?.policy ?? "";
  return {
    rules: [],
    connections: destinations,
    idle: distinctDestinations(idle),
    origins: [...new Set(items.map(({ policy }) => keyText(policy)))].sort(compareText),
    notes: problems.map((problem) => missingNote(naming, problem)),
  };
}
