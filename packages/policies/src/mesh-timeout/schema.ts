import { durationText, type SpecOf, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { matchedRules, targetedItems } from "../core/fragments/target-items.ts";

const httpSchema = Type.Object(
  {
    requestTimeout: Type.Optional(durationText("From the end of the request to the end of the response. 0: none. Default 15s.")),
    streamIdleTimeout: Type.Optional(durationText("How long a stream may be silent. 0: for ever. Default 30m.")),
    maxStreamDuration: Type.Optional(durationText("How long a stream may last. 0, the default: for ever.")),
    maxConnectionDuration: Type.Optional(durationText("Age at which a connection is drained. 0, the default: never.")),
    requestHeadersTimeout: Type.Optional(
      durationText("From the first byte of the headers to their last. 0, the default: no limit."),
    ),
  },
  { description: "Timeouts of HTTP and gRPC." },
);

const timeoutConfSchema = Type.Object(
  {
    connectionTimeout: Type.Optional(durationText("How long connecting may take. Above 0. Default 5s.")),
    idleTimeout: Type.Optional(durationText("How long a connection may be silent. 0: for ever. Default 1h.")),
    http: Type.Optional(httpSchema),
  },
  { description: "At least one timeout." },
);

export const meshTimeoutSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  to: targetedItems(timeoutConfSchema, "Timeouts towards destinations."),
  from: targetedItems(timeoutConfSchema, "Timeouts of inbounds, by client. Deprecated: use rules."),
  rules: matchedRules(timeoutConfSchema, "Timeouts of inbounds."),
});

export type MeshTimeoutSpec = SpecOf<typeof meshTimeoutSchema>;
export type TimeoutConf = SpecOf<typeof timeoutConfSchema>;
