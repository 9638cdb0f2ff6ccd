import { type SpecOf, stringEnum, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { collectorFields } from "../core/fragments/open-telemetry.ts";
import { matchedRules, targetedItems } from "../core/fragments/target-items.ts";

const keyValueSchema = Type.Object({
  key: Type.String({ description: "Name of the field." }),
  value: Type.String({ description: "Its value, with placeholders of Envoy's access log and `%KUMA_…%`." }),
});

const formatSchema = Type.Object(
  {
    type: stringEnum(["Plain", "Json"], { description: "Which of the fields below is meant." }),
    plain: Type.Optional(Type.String({ description: "A line, with placeholders of Envoy's access log and `%KUMA_…%`." })),
    json: Type.Optional(Type.Array(keyValueSchema, { description: "Fields of a JSON object." })),
    omitEmptyValues: Type.Optional(
      Type.Boolean({ default: false, description: "Leave out what is unknown, instead of writing `-`." }),
    ),
  },
  { description: "What is logged of a request or connection. Default: the format of the protocol." },
);

const backendSchema = Type.Object({
  type: stringEnum(["Tcp", "File", "OpenTelemetry"], { description: "Which of the fields below is meant." }),
  file: Type.Optional(
    Type.Object({
      path: Type.String({ description: "Absolute path of a file on the proxy's machine." }),
      format: Type.Optional(formatSchema),
    }),
  ),
  tcp: Type.Optional(
    Type.Object({
      address: Type.String({ description: "Address of the collector, host:port." }),
      format: Type.Optional(formatSchema),
    }),
  ),
  openTelemetry: Type.Optional(
    Type.Object({
      ...collectorFields,
      attributes: Type.Optional(Type.Array(keyValueSchema, { description: "Attributes of a log record." })),
      body: Type.Optional(Type.Unknown({ description: "Body of a log record: an OTLP AnyValue, or text." })),
    }),
  ),
});

const confSchema = Type.Object({
  backends: Type.Optional(Type.Array(backendSchema, { description: "Where logs go. An empty list turns logging off." })),
});

export const meshAccessLogSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  to: targetedItems(confSchema, "Logs of requests that the proxies send, by destination."),
  from: targetedItems(confSchema, "Logs of requests that the proxies receive. Deprecated: use rules."),
  rules: matchedRules(confSchema, "Logs of requests that the proxies receive, by client."),
});

export type MeshAccessLogSpec = SpecOf<typeof meshAccessLogSchema>;
export type AccessLogConf = SpecOf<typeof confSchema>;
export type AccessLogBackend = SpecOf<typeof backendSchema>;
export type AccessLogFormat = SpecOf<typeof formatSchema>;
