import { type TSchema, Type } from "@sinclair/typebox";
import {
  type DeepReadonly,
  dataSourceSchema,
  durationText,
  portNumber,
  type SpecOf,
  stringEnum,
  stringMap,
  type Unchecked,
} from "../../fragments.ts";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

/** `type` decides which fields count: `caCert` for builtin, `cert` and `key` for provided. */
const caConf = Type.Object({
  caCert: optional(
    Type.Object(
      {
        RSAbits: optional(Type.Integer({ description: "Size of an RSA key, 2048 to 8192. Absent: an ECDSA P-256 key." })),
        expiration: optional(Type.String({ description: "Lifetime of the CA certificate, like `10y`, `365d` or `24h`." })),
      },
      { description: "builtin: the CA certificate that the control plane makes." },
    ),
  ),
  cert: optional(dataSourceSchema),
  key: optional(dataSourceSchema),
});

const mtlsBackend = Type.Object({
  name: Type.String({ description: "Name of the backend, for `enabledBackend`." }),
  type: Type.Unsafe<"builtin" | "provided">({
    type: "string",
    description: "`builtin`: the control plane makes the CA. `provided`: you bring it, as Secrets.",
  }),
  mode: optional(
    stringEnum(["STRICT", "PERMISSIVE"], {
      description: "STRICT refuses plaintext. PERMISSIVE accepts both, for a migration.",
      default: "STRICT",
    }),
  ),
  dpCert: optional(
    Type.Object(
      {
        rotation: optional(
          Type.Object({
            expiration: Type.String({
              description: "Lifetime of proxies' certificates, like `1d`, `24h`, `30m`. Default 24 hours.",
            }),
          }),
        ),
        requestTimeout: optional(durationText("How long to wait for a certificate.")),
      },
      { description: "Certificates of the proxies." },
    ),
  ),
  rootChain: optional(
    Type.Object({ requestTimeout: optional(durationText("How long to wait for the root chain. Default 10s.")) }),
  ),
  conf: optional(caConf),
});

const tracingBackend = Type.Object({
  name: Type.String({ description: "Name of the backend." }),
  sampling: optional(Type.Number({ description: "Percentage of requests that are traced, 0 to 100.", default: 100 })),
  type: Type.Unsafe<"zipkin" | "datadog">({ type: "string", description: "`zipkin` or `datadog`." }),
  conf: optional(
    Type.Object({
      url: optional(Type.String({ description: "zipkin: address of the collector, with its port." })),
      traceId128bit: optional(Type.Boolean({ description: "zipkin: 128 bit trace ids." })),
      apiVersion: optional(Type.String({ description: "zipkin: httpJson, httpJsonV1 or httpProto.", default: "httpJson" })),
      sharedSpanContext: optional(Type.Boolean({ description: "zipkin: client and server share a span.", default: true })),
      address: optional(Type.String({ description: "datadog: address of the agent." })),
      port: optional(portNumber("datadog: port of the agent.")),
      splitService: optional(Type.Boolean({ description: "datadog: one service name per direction and destination." })),
    }),
  ),
});

const loggingBackend = Type.Object({
  name: Type.String({ description: "Name of the backend." }),
  format: optional(Type.String({ description: "Format of a line, with Envoy's and Kuma's `%…%` operators." })),
  type: Type.Unsafe<"file" | "tcp">({ type: "string", description: "`file` or `tcp`." }),
  conf: optional(
    Type.Object({
      path: optional(Type.String({ description: "file: path of the log file." })),
      address: optional(Type.String({ description: "tcp: HOST:PORT of the log collector." })),
    }),
  ),
});

/** Prometheus settings; a Dataplane may override them field by field. */
export const prometheusConfSchema = Type.Object({
  port: optional(portNumber("Port on which the proxy serves metrics. Default 5670.")),
  path: optional(Type.String({ description: "Path of the metrics.", default: "/metrics" })),
  tags: optional(stringMap("Tags of the metrics inbound, for permissions.")),
  skipMTLS: optional(Type.Boolean({ description: "Serve metrics without mTLS." })),
  aggregate: optional(
    Type.Array(
      Type.Object({
        name: optional(Type.String({ description: "Names the application." })),
        port: optional(portNumber("Port of the application's metrics.")),
        path: optional(Type.String({ description: "Path of the application's metrics.", default: "/metrics" })),
        enabled: optional(Type.Boolean({ description: "False leaves this application out.", default: true })),
        address: optional(Type.String({ description: "Address of the application." })),
      }),
      { description: "Applications whose metrics are served together with Envoy's." },
    ),
  ),
  envoy: optional(
    Type.Object({
      filterRegex: optional(Type.String({ description: "Only Envoy metrics that match." })),
      usedOnly: optional(Type.Boolean({ description: "Only Envoy metrics that were updated." })),
    }),
  ),
  tls: optional(
    Type.Object({
      mode: optional(
        stringEnum(["activeMTLSBackend", "providedTLS", "disabled"], {
          description: "How the metrics port is secured.",
          default: "activeMTLSBackend",
        }),
      ),
    }),
  ),
});

const metricsBackend = Type.Object({
  name: optional(Type.String({ description: "Name of the backend." })),
  type: Type.Unsafe<"prometheus">({ type: "string", description: "`prometheus`." }),
  conf: optional(prometheusConfSchema),
});

const tagRule = Type.Object({ tags: stringMap("Tags; `*` means any value that is not empty.") });

export const meshSchema = Type.Object({
  mtls: optional(
    Type.Object(
      {
        enabledBackend: optional(Type.String({ description: "Backend in use; empty switches mTLS off." })),
        skipValidation: optional(Type.Boolean({ description: "Accept a provided CA without checking it." })),
        backends: optional(Type.Array(mtlsBackend, { description: "Certificate authorities; at most one." })),
      },
      { description: "Mutual TLS between proxies." },
    ),
  ),
  tracing: optional(
    Type.Object({
      defaultBackend: optional(Type.String({ description: "Backend used where a TrafficTrace names none." })),
      backends: optional(Type.Array(tracingBackend)),
    }),
  ),
  logging: optional(
    Type.Object({
      defaultBackend: optional(Type.String({ description: "Backend used where a TrafficLog names none." })),
      backends: optional(Type.Array(loggingBackend)),
    }),
  ),
  metrics: optional(
    Type.Object({
      enabledBackend: optional(Type.String({ description: "Backend in use." })),
      backends: optional(Type.Array(metricsBackend)),
    }),
  ),
  networking: optional(
    Type.Object({
      outbound: optional(
        Type.Object({
          passthrough: optional(Type.Boolean({ description: "Let traffic to unknown destinations through.", default: true })),
        }),
      ),
    }),
  ),
  routing: optional(
    Type.Object({
      localityAwareLoadBalancing: optional(
        Type.Boolean({ description: "Prefer endpoints of the same zone; others take over when they are gone." }),
      ),
      zoneEgress: optional(Type.Boolean({ description: "Send traffic that leaves the zone through its zone egress." })),
      defaultForbidMeshExternalServiceAccess: optional(Type.Boolean({ description: "MeshExternalServices need a permission." })),
    }),
  ),
  constraints: optional(
    Type.Object({
      dataplaneProxy: optional(
        Type.Object({
          requirements: optional(Type.Array(tagRule, { description: "A proxy must fulfil at least one of these." })),
          restrictions: optional(Type.Array(tagRule, { description: "A proxy must match none of these." })),
        }),
      ),
    }),
  ),
  skipCreatingInitialPolicies: optional(
    Type.Array(Type.String(), { description: "Kinds of default policies to leave out on creation; `*` for all." }),
  ),
  meshServices: optional(
    Type.Object({
      mode: optional(
        stringEnum(["Disabled", "Everywhere", "ReachableBackends", "Exclusive"], {
          description: "How MeshServices are made and used.",
          default: "Disabled",
        }),
      ),
    }),
  ),
});

export type MeshSpec = SpecOf<typeof meshSchema>;
export type UncheckedMesh = Unchecked<MeshSpec>;
export type MtlsBackend = DeepReadonly<NonNullable<NonNullable<MeshSpec["mtls"]>["backends"]>[number]>;
export type PrometheusConf = SpecOf<typeof prometheusConfSchema>;
