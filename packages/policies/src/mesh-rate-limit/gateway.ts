import { decideTo } from "../core/effects/decide-to.ts";
import type { GatewayHooks } from "../core/effects/hooks.ts";
import {
  type Rate,
  type RequestLimit,
  withConnectionLimit,
  withRequestLimit,
  withRequestLimits,
} from "../core/effects/local-rate-limit.ts";
import { connectionLimit, requestLimit } from "./apply.ts";
import type { RateLimitConf } from "./schema.ts";

/** Of all clients together. */
interface Limits {
  readonly requests?: RequestLimit;
  readonly connections?: Rate;
}

/** Gateways count what comes in by route, and connections by listener (reference: policies-envoy.md section 10). */
export const gatewayLimits: GatewayHooks<Limits> = {
  decide(input) {
    const decision = decideTo<RateLimitConf>(input);
    if (!decision) return undefined;
    const { conf, byRoute = {}, origins } = decision;
    const ofRoutes = Object.entries(byRoute).map(([route, own]) => [route, limits(own)] as const);
    return { conf: limits(conf), origins, ...(ofRoutes.length > 0 && { byRoute: Object.fromEntries(ofRoutes) }) };
  },
  route: (route, { requests }) => (requests ? withRequestLimit(route, requests) : route),
  chain(chain, { connections }, { name }) {
    const counting = withRequestLimits(chain);
    return connections ? withConnectionLimit(counting, connections, name) : counting;
  },
};

function limits({ local }: RateLimitConf): Limits {
  const requests = requestLimit(local?.http);
  const connections = connectionLimit(local?.tcp);
  return { ...(requests && { requests }), ...(connections && { connections }) };
}
