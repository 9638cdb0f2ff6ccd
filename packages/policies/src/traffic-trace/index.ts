import { definePolicy } from "../core/define-policy.ts";
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
  apply: {},
});
