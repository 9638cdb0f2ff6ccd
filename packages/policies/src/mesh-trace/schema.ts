import { type SpecOf, stringEnum, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { collectorFields } from "../core/fragments/open-telemetry.ts";
import { percentageSchema } from "../core/fragments/percentage.ts";

const zipkinSchema = Type.Object({
  url: Type.String({ description: "Address of the collector, with port and path." }),
  traceId128bit: Type.Optional(Type.Boolean({ default: false, description: "Trace ids have 128 bits instead of 64." })),
  apiVersion: Type.Optional(
    stringEnum(["httpJson", "httpProto"], { default: "httpJson", description: "Encoding that the collector takes." }),
  ),
  sharedSpanContext: Type.Optional(
    Type.Boolean({ default: true, description: "Client and server of a request share one span context." }),
  ),
});

const datadogSchema = Type.Object({
  url: Type.String({ description: "Address of the agent, `http://host:port` and nothing more." }),
  splitService: Type.Optional(
    Type.Boolean({ default: false, description: "A service name per direction and destination, `web_OUTBOUND_orders`." }),
  ),
});

const backendSchema = Type.Object({
  type: stringEnum(["Zipkin", "Datadog", "OpenTelemetry"], { description: "Which of the fields below is meant." }),
  zipkin: Type.Optional(zipkinSchema),
  datadog: Type.Optional(datadogSchema),
  openTelemetry: Type.Optional(Type.Object(collectorFields)),
});

const samplingSchema = Type.Object(
  {
    overall: Type.Optional(percentageSchema("Upper bound over all other reasons for a trace. Default 100.")),
    client: Type.Optional(percentageSchema("Of requests with the header `x-client-trace-id`. Default 100.")),
    random: Type.Optional(percentageSchema("Of all other requests. Default 100.")),
  },
  { description: "Which requests are traced." },
);

const tagSchema = Type.Object({
  name: Type.String({ description: "Name of the tag." }),
  literal: Type.Optional(Type.String({ description: "Its value." })),
  header: Type.Optional(
    Type.Object({
      name: Type.String({ description: "Request header that holds the value." }),
      default: Type.Optional(Type.String({ description: "Value without the header; absent: no tag." })),
    }),
  ),
});

const confSchema = Type.Object({
  backends: Type.Optional(Type.Array(backendSchema, { description: "At most one; an empty list turns tracing off." })),
  sampling: Type.Optional(samplingSchema),
  tags: Type.Optional(Type.Array(tagSchema, { description: "Tags that each span gets: each from a literal or a header." })),
});

export const meshTraceSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  default: Type.Optional(confSchema),
});

export type MeshTraceSpec = SpecOf<typeof meshTraceSchema>;
export type TraceConf = SpecOf<typeof confSchema>;
export type TraceBackend = SpecOf<typeof backendSchema>;
