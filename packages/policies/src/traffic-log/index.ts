import { definePolicy } from "../core/define-policy.ts";
import { asListenerHooks } from "../core/effects/listener-hooks.ts";
import { outboundTrafficLogs, passthroughTrafficLogs } from "./apply.ts";
import { type TrafficLogSpec, trafficLogSchema } from "./schema.ts";
import { validateTrafficLog } from "./validate.ts";

export const trafficLog = definePolicy<TrafficLogSpec>({
  order: 30,
  definition: {
    kind: "TrafficLog",
    path: "traffic-logs",
    singularDisplayName: "Traffic Log",
    pluralDisplayName: "Traffic Logs",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: trafficLogSchema,
    validate: validateTrafficLog,
    example: `type: TrafficLog
mesh: default
name: all-to-file
sources:
  - match:
      kuma.io/service: "*"
destinations:
  - match:
      kuma.io/service: "*"
conf:
  backend: file-main
`,
  },
  apply: { outbound: outboundTrafficLogs, proxy: passthroughTrafficLogs, gateway: asListenerHooks(outboundTrafficLogs) },
  // The format is the Mesh's, and most have the client in them.
  clientTraits: () => [{ tag: "kuma.io/service" }],
});
