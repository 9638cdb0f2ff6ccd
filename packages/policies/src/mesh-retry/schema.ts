import { durationText, type SpecOf, stringEnum, stringMap, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { headerMatchSchema, headerNameSchema } from "../core/fragments/header.ts";
import { amount } from "../core/fragments/number.ts";
import { targetedItems } from "../core/fragments/target-items.ts";

const backOffSchema = Type.Object(
  {
    baseInterval: Type.Optional(durationText("First pause; it doubles each time. Default 25ms.")),
    maxInterval: Type.Optional(durationText("Longest pause. Default 10 times baseInterval.")),
  },
  { description: "Pauses between tries." },
);

const resetHeaderSchema = Type.Object({
  name: headerNameSchema,
  format: stringEnum(["Seconds", "UnixTimestamp"], { description: "What its value means." }),
});

const rateLimitedBackOffSchema = Type.Object(
  {
    resetHeaders: Type.Optional(
      Type.Array(resetHeaderSchema, { description: "Headers of the response that say when to try again; the first that fits." }),
    ),
    maxInterval: Type.Optional(durationText("Longest pause. Default 300s.")),
  },
  { description: "Pauses that the server asks for." },
);

const hostPredicateSchema = Type.Object({
  predicate: stringEnum(["OmitPreviousHosts", "OmitHostsWithTags", "OmitPreviousPriorities"], {
    description: "Which hosts a retry keeps away from.",
  }),
  tags: Type.Optional(stringMap("For OmitHostsWithTags: hosts with these tags.")),
  updateFrequency: Type.Optional(
    amount("For OmitPreviousPriorities: after how many tries to look again. Default 2.", { default: 2 }),
  ),
});

const shared = {
  numRetries: Type.Optional(amount("Tries after the first. 0: no retries. Default 1.", { minimum: 0 })),
  perTryTimeout: Type.Optional(durationText("How long one try may take. 0: as long as the request.")),
  backOff: Type.Optional(backOffSchema),
  rateLimitedBackOff: Type.Optional(rateLimitedBackOffSchema),
};

const httpSchema = Type.Object(
  {
    ...shared,
    retryOn: Type.Optional(
      Type.Array(Type.String({ description: "A condition, a method or a status code." }), {
        description: "What is tried again: 5XX, GatewayError, Reset, Retriable4xx, ConnectFailure, HttpMethodGet, 503, …",
      }),
    ),
    retriableResponseHeaders: Type.Optional(Type.Array(headerMatchSchema, { description: "Responses with any of these." })),
    retriableRequestHeaders: Type.Optional(Type.Array(headerMatchSchema, { description: "Only requests with any of these." })),
    hostSelection: Type.Optional(Type.Array(hostPredicateSchema, { description: "Which hosts a retry keeps away from." })),
    hostSelectionMaxAttempts: Type.Optional(Type.Integer({ description: "How often a host is picked again. Default 1." })),
  },
  { description: "Retries of HTTP requests." },
);

const grpcSchema = Type.Object(
  {
    ...shared,
    retryOn: Type.Optional(
      Type.Array(
        stringEnum(["Canceled", "DeadlineExceeded", "Internal", "ResourceExhausted", "Unavailable"], {
          description: "A gRPC status.",
        }),
        { description: "Which failures are tried again." },
      ),
    ),
  },
  { description: "Retries of gRPC calls." },
);

const tcpSchema = Type.Object(
  { maxConnectAttempt: Type.Optional(amount("How often connecting is tried. Above 0.", { minimum: 0 })) },
  { description: "Retries of TCP connections." },
);

const retryConfSchema = Type.Object(
  { tcp: Type.Optional(tcpSchema), http: Type.Optional(httpSchema), grpc: Type.Optional(grpcSchema) },
  { description: "At least one of tcp, http, grpc." },
);

export const meshRetrySchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  to: targetedItems(retryConfSchema, "Retries towards destinations."),
});

export type MeshRetrySpec = SpecOf<typeof meshRetrySchema>;
export type RetryConf = SpecOf<typeof retryConfSchema>;
export type HttpRetry = SpecOf<typeof httpSchema>;
export type GrpcRetry = SpecOf<typeof grpcSchema>;
