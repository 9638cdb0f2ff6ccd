import { type TSchema, Type } from "@sinclair/typebox";
import { fillDefaults } from "../document/fill-defaults.ts";
import { portNumber, type SpecOf, stringEnum } from "../fragments.ts";
import type { KindDefinition } from "../kind.ts";
import { isDomainName, isIpAddress } from "../rules/network.ts";
import type { Violation } from "../violation.ts";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

const endpointSchema = Type.Object({
  address: optional(Type.String({ description: "IP address or DNS name. Default: the proxy's own host." })),
  port: optional(portNumber("Default 4317.")),
  path: optional(Type.String({ description: "Before the path of each signal; only with protocol http." })),
});

export const meshOpenTelemetryBackendSchema = Type.Object({
  endpoint: optional(endpointSchema),
  protocol: optional(stringEnum(["grpc", "http"], { description: "How the collector is spoken to. Default grpc." })),
  env: optional(
    Type.Object({
      mode: optional(
        stringEnum(["Disabled", "Optional", "Required"], {
          default: "Optional",
          description: "Whether `OTEL_EXPORTER_OTLP_…` variables of the proxy's environment count.",
        }),
      ),
      precedence: optional(
        stringEnum(["ExplicitFirst", "EnvFirst"], {
          default: "ExplicitFirst",
          description: "What wins: this resource or the environment.",
        }),
      ),
      allowSignalOverrides: optional(Type.Boolean({ description: "Variables of a single signal count too." })),
    }),
  ),
});

export type MeshOpenTelemetryBackendSpec = SpecOf<typeof meshOpenTelemetryBackendSchema>;

/** Source of the rules: resources.md section 3. */
function validateMeshOpenTelemetryBackend({ endpoint = {}, protocol }: MeshOpenTelemetryBackendSpec): readonly Violation[] {
  const { address, port, path } = endpoint;
  const where = "spec.endpoint";
  return [
    ...(address === undefined ? [] : validateAddress(`${where}.address`, address)),
    ...(port === undefined || (port >= 1 && port <= 65_535)
      ? []
      : [{ path: `${where}.port`, message: "port must be a valid (1-65535)" }]),
    ...(path ? validatePath(`${where}.path`, path, protocol) : []),
  ];
}

function validateAddress(path: string, address: string): readonly Violation[] {
  if (address === "") return [{ path, message: "must not be empty" }];
  return isIpAddress(address) || isDomainName(address) ? [] : [{ path, message: "address has to be a valid IP or hostname" }];
}

function validatePath(where: string, path: string, protocol: MeshOpenTelemetryBackendSpec["protocol"]): readonly Violation[] {
  if (protocol !== "http") return [{ path: where, message: "must not be set when protocol is grpc" }];
  return [
    ...(path.startsWith("/") ? [] : [{ path: where, message: "must start with /" }]),
    ...(/[?#]/.test(path) ? [{ path: where, message: "must not contain query or fragment" }] : []),
  ];
}

/** A collector of traces, metrics and logs, to which policies refer. */
export const meshOpenTelemetryBackendKind: KindDefinition<MeshOpenTelemetryBackendSpec> = {
  kind: "MeshOpenTelemetryBackend",
  path: "meshopentelemetrybackends",
  shortName: "motb",
  singularDisplayName: "Mesh OpenTelemetry Backend",
  pluralDisplayName: "Mesh OpenTelemetry Backends",
  scope: "mesh",
  style: "spec",
  category: "core",
  sync: { globalToZone: true, zoneToGlobal: true },
  includeInFederation: true,
  schema: meshOpenTelemetryBackendSchema,
  validate: validateMeshOpenTelemetryBackend,
  normalise: (spec) => fillDefaults(meshOpenTelemetryBackendSchema, spec),
  example: `type: MeshOpenTelemetryBackend
mesh: default
name: main
spec:
  endpoint:
    address: otel-collector.example
    port: 4318
    path: /base
  protocol: http
`,
};
