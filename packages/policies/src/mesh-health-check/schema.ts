import { durationText, type SpecOf, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { headerAdditionSchema } from "../core/fragments/header.ts";
import { percentageSchema } from "../core/fragments/percentage.ts";
import { targetedItems } from "../core/fragments/target-items.ts";

const disabled = Type.Optional(Type.Boolean({ description: "Not checked this way. Default false." }));

const tcpSchema = Type.Object(
  {
    disabled,
    send: Type.Optional(Type.String({ description: "What is sent, base64." })),
    receive: Type.Optional(
      Type.Array(Type.String({ description: "A part, base64." }), { description: "Parts that the answer must have, in order." }),
    ),
  },
  { description: "A connection; with send and receive, an exchange." },
);

const httpSchema = Type.Object(
  {
    disabled,
    path: Type.Optional(Type.String({ description: "Path that is asked for. Default `/`." })),
    requestHeadersToAdd: Type.Optional(headerAdditionSchema),
    expectedStatuses: Type.Optional(
      Type.Array(Type.Integer({ description: "100 to 599." }), { description: "Statuses of a healthy host. Default 200." }),
    ),
  },
  { description: "A GET request." },
);

const grpcSchema = Type.Object(
  {
    disabled,
    serviceName: Type.Optional(Type.String({ description: "Service whose health is asked for." })),
    authority: Type.Optional(Type.String({ description: "`:authority` of the call. Default: name of the cluster." })),
  },
  { description: "A call of the gRPC health checking protocol." },
);

const healthCheckConfSchema = Type.Object(
  {
    interval: Type.Optional(durationText("Time between two checks. Default 1m.")),
    timeout: Type.Optional(durationText("How long a check may take. Default 15s.")),
    unhealthyThreshold: Type.Optional(Type.Integer({ description: "Failures in a row that make a host unhealthy. Default 5." })),
    healthyThreshold: Type.Optional(Type.Integer({ description: "Successes in a row that make it healthy again. Default 1." })),
    initialJitter: Type.Optional(durationText("The first check comes after a random part of this.")),
    intervalJitter: Type.Optional(durationText("A random part of this is added to each interval.")),
    intervalJitterPercent: Type.Optional(
      Type.Integer({ description: "A random part of this share of the interval is added, 0 to 100." }),
    ),
    healthyPanicThreshold: Type.Optional(
      percentageSchema("Share of healthy hosts below which all are used. Deprecated: it belongs to MeshCircuitBreaker."),
    ),
    failTrafficOnPanic: Type.Optional(
      Type.Boolean({ description: "In a panic, refuse instead of using all hosts. Default false." }),
    ),
    eventLogPath: Type.Optional(Type.String({ description: "File of the proxy's machine for events. Default: none." })),
    alwaysLogHealthCheckFailures: Type.Optional(Type.Boolean({ description: "Log each failure, not the first. Default false." })),
    noTrafficInterval: Type.Optional(durationText("Interval for a destination without traffic. Default 60s.")),
    reuseConnection: Type.Optional(Type.Boolean({ description: "Keep the connection between checks. Default true." })),
    tcp: Type.Optional(tcpSchema),
    http: Type.Optional(httpSchema),
    grpc: Type.Optional(grpcSchema),
  },
  { description: "The section for the destination's protocol is used, tcp if that one is disabled. At least one." },
);

export const meshHealthCheckSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  to: targetedItems(healthCheckConfSchema, "Checks of destinations."),
});

export type MeshHealthCheckSpec = SpecOf<typeof meshHealthCheckSchema>;
export type HealthCheckConf = SpecOf<typeof healthCheckConfSchema>;
