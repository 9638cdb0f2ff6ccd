import { durationText, portNumber, type SpecOf, stringEnum, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { collectorFields } from "../core/fragments/open-telemetry.ts";

const selectorSchema = Type.Object({
  type: stringEnum(["Prefix", "Regex", "Exact", "Contains"], { description: "How names of metrics are compared." }),
  match: Type.String({ description: "Text, or RE2 expression." }),
});

const sidecarSchema = Type.Object(
  {
    includeUnused: Type.Optional(Type.Boolean({ default: false, description: "Also metrics that never changed." })),
    profiles: Type.Optional(
      Type.Object(
        {
          appendProfiles: Type.Optional(
            Type.Array(Type.Object({ name: stringEnum(["All", "Basic", "None"], { description: "A set of metrics." }) }), {
              description: "Sets that are joined. Default: All.",
            }),
          ),
          exclude: Type.Optional(Type.Array(selectorSchema, { description: "Metrics to leave out of the sets." })),
          include: Type.Optional(Type.Array(selectorSchema, { description: "Metrics to add; they win over exclude." })),
        },
        { description: "Which metrics of Envoy are published." },
      ),
    ),
  },
  { description: "Metrics of the proxy itself." },
);

const applicationSchema = Type.Object({
  name: Type.Optional(Type.String({ description: "Name of the application." })),
  path: Type.Optional(Type.String({ default: "/metrics", description: "Path of its metrics." })),
  port: portNumber("Port on which it serves them."),
  address: Type.Optional(Type.String({ description: "Address on which it serves them. Default: that of the inbound." })),
});

const prometheusSchema = Type.Object({
  clientId: Type.Optional(Type.String({ description: "Names the Prometheus that discovers proxies by MADS." })),
  port: Type.Optional(portNumber("Port of the proxy's metrics. Default 5670.", { default: 5670 })),
  path: Type.Optional(Type.String({ default: "/metrics", description: "Path of the proxy's metrics." })),
  tls: Type.Optional(
    Type.Object({
      mode: Type.Optional(
        stringEnum(["Disabled", "ProvidedTLS", "ActiveMTLSBackend"], {
          default: "Disabled",
          description: "TLS of the listener.",
        }),
      ),
    }),
  ),
});

const backendSchema = Type.Object({
  type: stringEnum(["Prometheus", "OpenTelemetry"], { description: "Which of the fields below is meant." }),
  prometheus: Type.Optional(prometheusSchema),
  openTelemetry: Type.Optional(
    Type.Object({
      ...collectorFields,
      refreshInterval: Type.Optional(durationText("How often metrics are pushed. Default 1m.")),
    }),
  ),
});

const confSchema = Type.Object({
  sidecar: Type.Optional(sidecarSchema),
  applications: Type.Optional(
    Type.Array(applicationSchema, { description: "Applications beside the proxy whose metrics it publishes." }),
  ),
  backends: Type.Optional(Type.Array(backendSchema, { description: "Who collects the metrics." })),
});

export const meshMetricSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  default: Type.Optional(confSchema),
});

export type MeshMetricSpec = SpecOf<typeof meshMetricSchema>;
export type MetricConf = SpecOf<typeof confSchema>;
export type MetricBackend = SpecOf<typeof backendSchema>;
export type MetricSelector = SpecOf<typeof selectorSchema>;
