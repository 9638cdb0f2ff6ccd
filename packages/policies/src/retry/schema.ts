import { durationText, type SpecOf, stringEnum } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { uint32 } from "../core/fragments/legacy-numbers.ts";
import { outboundFields } from "../core/fragments/source-destination.ts";

/** `NONE` is the zero value of the peer's enum: it can be written, and is refused by validation. */
const methods = ["NONE", "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"] as const;

const httpConditions = [
  "all_5xx",
  "gateway_error",
  "reset",
  "connect_failure",
  "envoy_ratelimited",
  "retriable_4xx",
  "refused_stream",
  "retriable_status_codes",
  "retriable_headers",
  "http3_post_connect_failure",
] as const;

const grpcConditions = ["cancelled", "deadline_exceeded", "internal", "resource_exhausted", "unavailable"] as const;

const attemptFields = {
  numRetries: Type.Optional(uint32("Retries at most. Default 1.")),
  perTryTimeout: Type.Optional(durationText("Time for each attempt. Default: the timeout of the whole request.")),
  backOff: Type.Optional(
    Type.Object(
      {
        baseInterval: durationText("Wait before the first retry; doubles with each, at random."),
        maxInterval: Type.Optional(durationText("Longest wait. Default: ten times `baseInterval`.")),
      },
      { description: "How long to wait between attempts." },
    ),
  ),
};

const httpSchema = Type.Object(
  {
    ...attemptFields,
    retriableStatusCodes: Type.Optional(
      Type.Array(uint32("A status."), { description: "Statuses to retry; adds `retriable_status_codes` to `retryOn`." }),
    ),
    retriableMethods: Type.Optional(
      Type.Array(stringEnum(methods, { description: "A request method." }), {
        description: "Only requests of these methods are retried. Default: all.",
      }),
    ),
    retryOn: Type.Optional(
      Type.Array(stringEnum(httpConditions, { description: "A failure." }), {
        description: "Failures to retry. Default: gateway_error, connect_failure, refused_stream.",
      }),
    ),
  },
  { description: "For HTTP services." },
);

const grpcSchema = Type.Object(
  {
    ...attemptFields,
    retryOn: Type.Optional(
      Type.Array(stringEnum(grpcConditions, { description: "A status of gRPC." }), {
        description: "Failures to retry, each once. Default: all but deadline_exceeded and internal, and failures to connect.",
      }),
    ),
  },
  { description: "For gRPC services." },
);

const tcpSchema = Type.Object(
  { maxConnectAttempts: uint32("Attempts to connect, the first one included.") },
  { description: "For all other services." },
);

export const retrySchema = Type.Object({
  ...outboundFields,
  conf: Type.Object(
    { http: Type.Optional(httpSchema), grpc: Type.Optional(grpcSchema), tcp: Type.Optional(tcpSchema) },
    { description: "By the protocol of the service; at least one." },
  ),
});

export type RetrySpec = SpecOf<typeof retrySchema>;
export type HttpRetry = SpecOf<typeof httpSchema>;
export type GrpcRetry = SpecOf<typeof grpcSchema>;
