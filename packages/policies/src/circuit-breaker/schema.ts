import { durationText, type SpecOf } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { uint32 } from "../core/fragments/legacy-numbers.ts";
import { outboundFields } from "../core/fragments/source-destination.ts";

const consecutiveSchema = (description: string) =>
  Type.Object({ consecutive: Type.Optional(uint32("Errors in a row that eject an endpoint. Default 5.")) }, { description });

const detectorsSchema = Type.Object(
  {
    totalErrors: Type.Optional(consecutiveSchema("Ejects on responses of 5xx, and on errors of the connection.")),
    gatewayErrors: Type.Optional(consecutiveSchema("Ejects on responses 502, 503 and 504.")),
    localErrors: Type.Optional(
      consecutiveSchema("Ejects on errors of the connection itself; needs `splitExternalAndLocalErrors`."),
    ),
    standardDeviation: Type.Optional(
      Type.Object(
        {
          requestVolume: Type.Optional(uint32("Requests in an interval below which an endpoint does not count. Default 100.")),
          minimumHosts: Type.Optional(uint32("Endpoints with enough requests that it takes to compare. Default 5.")),
          factor: Type.Optional(
            Type.Number({ description: "Standard deviations below the mean that eject an endpoint. Default 1.9." }),
          ),
        },
        { description: "Ejects endpoints whose success rate is far below that of the others." },
      ),
    ),
    failure: Type.Optional(
      Type.Object(
        {
          requestVolume: Type.Optional(uint32("Requests in an interval below which an endpoint does not count. Default 50.")),
          minimumHosts: Type.Optional(uint32("Endpoints with enough requests that it takes to eject one. Default 5.")),
          threshold: Type.Optional(uint32("Share of failed requests, in percent, that ejects an endpoint. Default 85.")),
        },
        { description: "Ejects endpoints by their share of failed requests." },
      ),
    ),
  },
  { description: "What ejects an endpoint. A detector that is not named is off; an empty one has Envoy's numbers." },
);

const thresholdsSchema = Type.Object(
  {
    maxConnections: Type.Optional(uint32("Connections to the service. Default 1024.")),
    maxPendingRequests: Type.Optional(uint32("Requests that wait for a connection. Default 1024.")),
    maxRetries: Type.Optional(uint32("Retries under way. Default 3.")),
    maxRequests: Type.Optional(uint32("Requests under way. Default 1024.")),
  },
  { description: "What one proxy has under way at most; more fails at once." },
);

export const circuitBreakerSchema = Type.Object({
  ...outboundFields,
  conf: Type.Object(
    {
      interval: Type.Optional(durationText("Time between two looks at the endpoints. Default 10s.")),
      baseEjectionTime: Type.Optional(durationText("An endpoint is out for this long, times its ejections. Default 30s.")),
      maxEjectionPercent: Type.Optional(uint32("Share of the endpoints, in percent, that may be out. Default 10.")),
      splitExternalAndLocalErrors: Type.Optional(
        Type.Boolean({ description: "Tell errors of the connection from errors that the service answers. Default false." }),
      ),
      detectors: Type.Optional(detectorsSchema),
      thresholds: Type.Optional(thresholdsSchema),
    },
    { description: "Detectors, thresholds, or both." },
  ),
});

export type CircuitBreakerSpec = SpecOf<typeof circuitBreakerSchema>;
