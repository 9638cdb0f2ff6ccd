import { durationText, type SpecOf } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { outboundFields } from "../core/fragments/source-destination.ts";

const streamFields = {
  streamIdleTimeout: Type.Optional(durationText("Time without traffic on a stream; 0 is no limit.")),
  maxStreamDuration: Type.Optional(durationText("Time for a whole stream; 0 is no limit.")),
};

const tcpSchema = Type.Object(
  { idleTimeout: durationText("Time without traffic on a connection.") },
  { description: "For services that are not HTTP." },
);

const httpSchema = Type.Object(
  {
    requestTimeout: Type.Optional(durationText("Time for a whole request and its response.")),
    idleTimeout: Type.Optional(durationText("Time without any stream on a connection.")),
    ...streamFields,
  },
  { description: "For HTTP services; `requestTimeout` or `idleTimeout` at least." },
);

const grpcSchema = Type.Object(streamFields, { description: "Deprecated: `http` has the same fields, also for gRPC services." });

export const timeoutSchema = Type.Object({
  ...outboundFields,
  conf: Type.Object(
    {
      connectTimeout: Type.Optional(durationText("Time to connect to an endpoint. Default 5s.")),
      tcp: Type.Optional(tcpSchema),
      http: Type.Optional(httpSchema),
      grpc: Type.Optional(grpcSchema),
    },
    { description: "How long things may take." },
  ),
});

export type TimeoutSpec = SpecOf<typeof timeoutSchema>;
export type TimeoutConf = TimeoutSpec["conf"];
