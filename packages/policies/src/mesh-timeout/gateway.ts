import { decideInbound } from "../core/effects/decide-inbound.ts";
import { mapHttpManager } from "../core/effects/edit.ts";
import type { GatewayHooks } from "../core/effects/hooks.ts";
import { setManagerTimeouts, setTcpIdleTimeout, type Timeouts } from "../core/effects/timeouts.ts";
import { written } from "./apply.ts";
import type { TimeoutConf } from "./schema.ts";

/**
 * Of connections from clients: what `rules` say for everybody. The rest stays as gateways have it, unlike at sidecars, where an absent
 * field has a default (reference: policies-envoy.md section 5). What `to` says, routes and clusters have.
 */
export const gatewayTimeouts: GatewayHooks<Timeouts> = {
  decide(input) {
    const { conf, origins = [] } = decideInbound<TimeoutConf>(input) ?? {};
    return conf?.all && { conf: written(conf.all), origins };
  },
  chain(chain, { idle, streamIdle, requestHeaders, request }) {
    const managed = setTcpIdleTimeout(setManagerTimeouts(chain, { idle, streamIdle, requestHeaders }), idle);
    return request === undefined ? managed : mapHttpManager(managed, (manager) => ({ ...manager, requestTimeout: request }));
  },
};
