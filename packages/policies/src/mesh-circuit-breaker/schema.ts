import { durationText, type SpecOf, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { amount, intOrDecimal } from "../core/fragments/number.ts";
import { percentageSchema } from "../core/fragments/percentage.ts";
import { plainRules, targetedItems } from "../core/fragments/target-items.ts";

const connectionLimitsSchema = Type.Object(
  {
    maxConnections: Type.Optional(amount("Connections. Default 1024.")),
    maxConnectionPools: Type.Optional(amount("Connection pools. Default: no limit.")),
    maxPendingRequests: Type.Optional(amount("Requests that wait for a connection. Default 1024.")),
    maxRetries: Type.Optional(amount("Retries under way at once. Default 3.")),
    maxRequests: Type.Optional(amount("Requests under way at once. Default 1024.")),
  },
  { description: "What goes beyond is refused at once. All above 0." },
);

const consecutive = (description: string) =>
  Type.Optional(Type.Object({ consecutive: Type.Optional(amount("How many in a row.")) }, { description }));

const sample = {
  minimumHosts: Type.Optional(amount("Hosts with enough requests that it takes. Default 5.")),
  requestVolume: Type.Optional(amount("Requests in an interval that a host needs to count.")),
};

const detectorsSchema = Type.Object(
  {
    totalFailures: consecutive("Errors of any sort."),
    gatewayFailures: consecutive("Responses 502, 503 and 504."),
    localOriginFailures: consecutive("Errors on this side, such as timeouts; with splitExternalAndLocalErrors."),
    successRate: Type.Optional(
      Type.Object(
        { ...sample, standardDeviationFactor: Type.Optional(intOrDecimal("Above 0; decimals as text. Default 1.9.")) },
        { description: "Hosts that succeed far less often than the others." },
      ),
    ),
    failurePercentage: Type.Optional(
      Type.Object(
        { ...sample, threshold: Type.Optional(amount("Share of failures, 0 to 100. Default 85.")) },
        { description: "Hosts that fail more often than the threshold." },
      ),
    ),
  },
  { description: "What makes a host an outlier. At least one." },
);

const outlierDetectionSchema = Type.Object(
  {
    disabled: Type.Optional(Type.Boolean({ description: "No detection. Default false." })),
    interval: Type.Optional(durationText("Time between two looks. Default 10s.")),
    baseEjectionTime: Type.Optional(durationText("How long a host stays out, times the number of its ejections. Default 30s.")),
    maxEjectionPercent: Type.Optional(amount("Share of hosts that may be out at once, 0 to 100. Default 10.")),
    healthyPanicThreshold: Type.Optional(percentageSchema("Share of healthy hosts below which all are used. Default 50.")),
    splitExternalAndLocalErrors: Type.Optional(Type.Boolean({ description: "Count errors on this side apart. Default false." })),
    detectors: Type.Optional(detectorsSchema),
  },
  { description: "Hosts that fail get no requests for a while." },
);

const circuitBreakerConfSchema = Type.Object(
  { connectionLimits: Type.Optional(connectionLimitsSchema), outlierDetection: Type.Optional(outlierDetectionSchema) },
  { description: "At least one of connectionLimits, outlierDetection." },
);

export const meshCircuitBreakerSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  to: targetedItems(circuitBreakerConfSchema, "Limits towards destinations."),
  from: targetedItems(circuitBreakerConfSchema, "Limits of inbounds. Deprecated: use rules."),
  rules: plainRules(circuitBreakerConfSchema, "Limits of inbounds."),
});

export type MeshCircuitBreakerSpec = SpecOf<typeof meshCircuitBreakerSchema>;
export type CircuitBreakerConf = SpecOf<typeof circuitBreakerConfSchema>;
export type Detectors = SpecOf<typeof detectorsSchema>;
