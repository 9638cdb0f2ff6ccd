import { base64Text, durationText, type SpecOf } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { uint32 } from "../core/fragments/legacy-numbers.ts";
import { outboundFields } from "../core/fragments/source-destination.ts";

const headerSchema = Type.Object(
  {
    key: Type.String({ description: "Header name." }),
    value: Type.Optional(Type.String({ description: "Header value." })),
  },
  { description: "The header." },
);

const tcpSchema = Type.Object(
  {
    send: Type.Optional(base64Text("Bytes to send, base64. Absent: the check only connects.")),
    receive: Type.Optional(
      Type.Array(base64Text("Bytes, base64."), { description: "Blocks that the answer must contain, in this order." }),
    ),
  },
  { description: "Checks by TCP; not together with `http`." },
);

const httpSchema = Type.Object(
  {
    path: Type.String({ description: "Path to request." }),
    requestHeadersToAdd: Type.Optional(
      Type.Array(
        Type.Object({
          header: headerSchema,
          append: Type.Optional(
            Type.Boolean({
              default: true,
              description: "Add beside a value that is there already, rather than replace it. Default true.",
            }),
          ),
        }),
        { description: "Headers of the check's request." },
      ),
    ),
    expectedStatuses: Type.Optional(
      Type.Array(uint32("A status from 100 to 599."), { description: "Statuses that mean healthy. Default: 200." }),
    ),
  },
  { description: "Checks by HTTP; not together with `tcp`." },
);

export const healthCheckSchema = Type.Object({
  ...outboundFields,
  conf: Type.Object(
    {
      interval: durationText("Time between two checks."),
      timeout: durationText("Time for an answer."),
      unhealthyThreshold: uint32("Failures in a row that make an endpoint unhealthy."),
      healthyThreshold: uint32("Successes in a row that make an endpoint healthy again."),
      initialJitter: Type.Optional(durationText("Up to this much is added to the wait before the first check.")),
      intervalJitter: Type.Optional(durationText("Up to this much is added to each interval.")),
      intervalJitterPercent: Type.Optional(uint32("Up to this share of the interval, in percent, is added to it.")),
      healthyPanicThreshold: Type.Optional(
        Type.Number({ description: "Share of healthy endpoints, in percent, below which health is ignored. Default 50." }),
      ),
      failTrafficOnPanic: Type.Optional(
        Type.Boolean({ description: "Fail requests below the panic threshold, rather than ignore health. Default false." }),
      ),
      eventLogPath: Type.Optional(Type.String({ description: "File for a log of health events. Absent: none." })),
      alwaysLogHealthCheckFailures: Type.Optional(
        Type.Boolean({ description: "Log every failure, not only the first. Default false." }),
      ),
      noTrafficInterval: Type.Optional(durationText("Interval while the service has had no traffic yet. Default 60s.")),
      reuseConnection: Type.Optional(Type.Boolean({ description: "Check over one connection. Default true." })),
      tcp: Type.Optional(tcpSchema),
      http: Type.Optional(httpSchema),
    },
    { description: "How endpoints are checked. With neither `tcp` nor `http`, a check only connects." },
  ),
});

export type HealthCheckSpec = SpecOf<typeof healthCheckSchema>;
export type HealthCheckConf = HealthCheckSpec["conf"];
