import { Type } from "@sinclair/typebox";
import { fillDefaults } from "../document/fill-defaults.ts";
import { portNumber, type SpecOf, stringEnum, stringMap } from "../fragments.ts";
import type { KindDefinition, ValidationContext } from "../kind.ts";
import { serviceNameWarnings, validateDnsLabelName } from "../rules/names.ts";
import { protocols } from "../rules/tags.ts";
import { at, type Violation } from "../violation.ts";

const range = { minimum: 1, maximum: 65_535 } as const;

const selectorSchema = Type.Object(
  {
    dataplaneTags: Type.Optional(stringMap("Tags that an inbound has to have.")),
    dataplaneRef: Type.Optional(Type.Object({ name: Type.String({ description: "Name of the one data plane." }) })),
    dataplaneLabels: Type.Optional(
      Type.Object({ matchLabels: Type.Optional(stringMap("Labels that a data plane has to have.")) }),
    ),
  },
  { description: "The proxies behind the service: at most one of dataplaneTags, dataplaneRef, dataplaneLabels." },
);

const portSchema = Type.Object({
  port: portNumber("Port that clients use.", range),
  targetPort: Type.Optional(
    Type.Union([portNumber("Port of the inbound.", range), Type.String()], {
      description: "Port or name of the inbound. Default: the port.",
    }),
  ),
  appProtocol: Type.Optional(Type.String({ default: "tcp", description: `What is spoken: ${protocols.join(", ")}.` })),
  name: Type.Optional(Type.String({ description: "Names the port in references. Default: its number." })),
});

export const meshServiceSchema = Type.Object({
  selector: Type.Optional(selectorSchema),
  ports: Type.Optional(Type.Array(portSchema, { description: "Ports of the service." })),
  identities: Type.Optional(
    Type.Array(
      Type.Object({
        type: stringEnum(["ServiceTag", "SpiffeID"], { description: "What the value is." }),
        value: Type.String({ description: "A value of `kuma.io/service`, or a SPIFFE id." }),
      }),
      { description: "Who clients expect to find; written by the control plane of its zone." },
    ),
  ),
  state: Type.Optional(
    stringEnum(["Available", "Unavailable"], {
      default: "Unavailable",
      description: "Whether a proxy of it is healthy; written by the control plane of its zone.",
    }),
  ),
});

export type MeshServiceSpec = SpecOf<typeof meshServiceSchema>;

/** Source of the rules: resources.md section 3. */
function validateMeshService({ selector = {} }: MeshServiceSpec, { name }: ValidationContext): readonly Violation[] {
  const message = "must specify only one of: dataplaneTags, dataplaneRef, or dataplaneLabels";
  const isAmbiguous = Object.keys(selector).length > 1;
  return [...validateDnsLabelName(name), ...(isAmbiguous ? [{ path: "spec.selector", message }] : [])];
}

function normaliseMeshService(spec: MeshServiceSpec): MeshServiceSpec {
  const { ports, ...filled } = fillDefaults(meshServiceSchema, spec);
  return { ...filled, ...(ports && { ports: ports.map((port) => ({ ...port, targetPort: port.targetPort ?? port.port })) }) };
}

/** The peer takes any protocol and treats one that it does not know as TCP. */
function protocolWarnings({ ports = [] }: MeshServiceSpec): readonly string[] {
  return ports.flatMap(({ appProtocol = "tcp" }, index) =>
    (protocols as readonly string[]).includes(appProtocol)
      ? []
      : [
          `${at("spec.ports", index)}.appProtocol "${appProtocol}" is not known, so it is treated as tcp: use ${protocols.join(", ")}`,
        ],
  );
}

/** A service of one zone: a name, ports, and the proxies behind them. */
export const meshServiceKind: KindDefinition<MeshServiceSpec> = {
  kind: "MeshService",
  path: "meshservices",
  shortName: "msvc",
  singularDisplayName: "Mesh Service",
  pluralDisplayName: "Mesh Services",
  scope: "mesh",
  style: "spec",
  category: "core",
  zoneOwned: true,
  sync: { zoneToGlobal: true, zoneToZone: true },
  schema: meshServiceSchema,
  validate: validateMeshService,
  normalise: normaliseMeshService,
  warnings: (spec, { name }) => [...serviceNameWarnings("MeshService", name), ...protocolWarnings(spec)],
  example: `type: MeshService
mesh: default
name: orders
spec:
  selector:
    dataplaneTags:
      kuma.io/service: orders
  ports:
    - port: 80
      targetPort: 8080
      appProtocol: http
      name: http
`,
};
