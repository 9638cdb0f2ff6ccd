import { statName } from "../names/stat-name.ts";
import { typed } from "./basics.ts";
import type { Filter } from "./types.ts";

/** Envoy RBAC without `statPrefix`: `rules`, `rules` and `shadowRules`, or `matcher` (a policy's decision). */
export type RbacRules = Readonly<Record<string, unknown>>;

/** Decides per request; Envoy answers 403 (extensions/filters/http/rbac/v3). */
export function httpRbacFilter(rbac: RbacRules): Filter {
  return { name: "envoy.filters.http.rbac", typedConfig: typed("envoy.extensions.filters.http.rbac.v3.RBAC", rbac) };
}

/**
 * Decides per connection; Envoy closes it. Comes first in the chain.
 * @param listener name of the listener: the bootstrap's tag `listener` is read from the metrics as `<name>.rbac.`.
 */
export function networkRbacFilter(listener: string, rbac: RbacRules): Filter {
  return {
    name: "envoy.filters.network.rbac",
    typedConfig: typed("envoy.extensions.filters.network.rbac.v3.RBAC", { ...rbac, statPrefix: `${statName(listener)}.` }),
  };
}

/** Nobody may call: what a mesh with mTLS and no permission gets. An empty ALLOW matches nothing (rbac.proto, `action`). */
export const denyAll: RbacRules = { rules: {} };
