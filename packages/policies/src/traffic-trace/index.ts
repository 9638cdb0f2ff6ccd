import { definePolicy } from "../core/define-policy.ts";
import { asListenerTracing } from "../core/effects/listener-hooks.ts";
import { inboundTrafficTrace, outboundTrafficTrace } from "./apply.ts";
import { type TrafficTraceSpec, trafficTraceSchema } from "./schema.ts";
import { validateTrafficTrace } from "./validate.ts";

export const trafficTrace = definePolicy<TrafficTraceSpec>({
  order: 35,
  definition: {
    kind: "TrafficTrace",
    path: "traffic-traces",
    singularDisplayName: "Traffic Trace",
    pluralDisplayName: "Traffic Traces",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: trafficTraceSchema,
    validate: validateTrafficTrace,
    example: `type: TrafficTrace
mesh: default
name: trace-east
selectors:
  - match:
      kuma.io/zone: east
conf:
  backend: zipkin-main
`,
  },
  apply: { outbound: outboundTrafficTrace, inbound: inboundTrafficTrace, gateway: asListenerTracing(outboundTrafficTrace) },
  // A proxy is selected as a whole, by any of its inbounds.
  outboundReach: () => ({ services: "any" }),
  inboundReach: () => ({ services: "any" }),
  // Datadog knows proxies by their service.
  clientTraits: () => [{ tag: "kuma.io/service" }],
});
