import { anywhere } from "../listeners/anywhere.ts";
import { withUpstreamSpans } from "../observability/tracing.ts";
import type { GatewayHooks, OutboundHooks } from "./hooks.ts";
import type { ListenerTarget, OutboundTarget } from "./targets.ts";

/**
 * For kinds to which a listener of a gateway is what an outbound to anywhere is: logs and spans of all that comes in there, wherever it
 * goes. What they say of routes, `outbound.route` does.
 */
export function asListenerHooks<Conf>(hooks: OutboundHooks<Conf>): GatewayHooks<Conf> {
  return {
    decide: (input) => hooks.decide(input),
    chain: (chain, conf, target, byRoute) => hooks.chain?.(chain, conf, toAnywhere(target), byRoute) ?? chain,
    extraClusters: (conf, target, byRoute) => hooks.extraClusters?.(conf, toAnywhere(target), byRoute) ?? [],
  };
}

/** The same for spans. */
export function asListenerTracing<Conf>(hooks: OutboundHooks<Conf>): GatewayHooks<Conf> {
  const { chain, ...rest } = asListenerHooks(hooks);
  return {
    ...rest,
    chain: (draft, conf, target, byRoute) => withUpstreamSpans(chain?.(draft, conf, target, byRoute) ?? draft),
  };
}

function toAnywhere({ mesh, zone }: ListenerTarget): OutboundTarget {
  return { mesh, zone, ...anywhere };
}
