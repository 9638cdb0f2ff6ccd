import type { Route } from "@meridian/envoy";
import { typed } from "@meridian/envoy";
import { decideTo } from "../core/effects/decide-to.ts";
import { addHttpFilters, isHttpChain } from "../core/effects/edit.ts";
import { type Fault, faultConfig, faultFilterName } from "../core/effects/faults.ts";
import type { GatewayHooks } from "../core/effects/hooks.ts";
import type { ProtoJson } from "../core/route.ts";
import { faultsOf } from "./apply.ts";
import type { FaultInjectionConf } from "./schema.ts";

/**
 * Faults of what comes in at a gateway, whoever asks. Listeners of one port share their filters, so each filter is empty and the routes
 * say what it does.
 */
export const gatewayFaults: GatewayHooks<readonly Fault[]> = {
  decide(input) {
    const decision = decideTo<FaultInjectionConf>(input);
    if (!decision) return undefined;
    const { conf, origins } = decision;
    return { conf: faultsOf(conf), origins };
  },
  route: (route, faults) => (faults.length > 0 ? withFaults(route, faults) : route),
  chain: (chain, faults) => {
    const filters = faults.map((_, index) => ({ name: filterName(index), typedConfig: typed(faultType) }));
    return isHttpChain(chain) ? addHttpFilters(chain, filters) : chain;
  },
};

const faultType = "envoy.extensions.filters.http.fault.v3.HTTPFault";

function withFaults(route: Route, faults: readonly Fault[]): Route {
  const perFilter = (route["typedPerFilterConfig"] ?? {}) as ProtoJson;
  const own = faults.map((fault, index) => [filterName(index), faultConfig(fault)] as const);
  return { ...route, typedPerFilterConfig: { ...perFilter, ...Object.fromEntries(own) } };
}

function filterName(index: number): string {
  return index === 0 ? faultFilterName : `${faultFilterName}.${index}`;
}
