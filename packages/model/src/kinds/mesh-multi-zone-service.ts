import { Type } from "@sinclair/typebox";
import { fillDefaults } from "../document/fill-defaults.ts";
import { portNumber, type SpecOf, stringMap } from "../fragments.ts";
import type { KindDefinition } from "../kind.ts";
import { serviceNameWarnings } from "../rules/names.ts";
import { protocols } from "../rules/tags.ts";
import { at, type Violation } from "../violation.ts";

const portSchema = Type.Object({
  port: portNumber("Port that clients use; a MeshService contributes if it has it.", { minimum: 1, maximum: 65_535 }),
  name: Type.Optional(Type.String({ description: "Names the port in references. Default: its number." })),
  appProtocol: Type.Optional(Type.String({ default: "tcp", description: `What is spoken: ${protocols.join(", ")}.` })),
});

export const meshMultiZoneServiceSchema = Type.Object({
  selector: Type.Object({
    meshService: Type.Object(
      { matchLabels: Type.Optional(stringMap("Labels that a MeshService has to have.")) },
      { description: "The services that are joined, in whatever zone they are." },
    ),
  }),
  ports: Type.Array(portSchema, { description: "Ports of the service; at least one." }),
});

export type MeshMultiZoneServiceSpec = SpecOf<typeof meshMultiZoneServiceSchema>;

/** Source of the rules: resources.md section 3. */
function validateMeshMultiZoneService({ selector, ports }: MeshMultiZoneServiceSpec): readonly Violation[] {
  const selectsNothing = Object.keys(selector.meshService.matchLabels ?? {}).length === 0;
  return [
    ...(selectsNothing ? [{ path: "spec.selector.meshService.matchLabels", message: "cannot be empty" }] : []),
    ...(ports.length === 0 ? [{ path: "spec.ports", message: "cannot be empty" }] : []),
    ...ports.flatMap((port, index) => validatePort(at("spec.ports", index), port)),
  ];
}

function validatePort(
  path: string,
  { name, appProtocol = "tcp" }: MeshMultiZoneServiceSpec["ports"][number],
): readonly Violation[] {
  const isKnown = (protocols as readonly string[]).includes(appProtocol);
  const message = `"appProtocol" must be one of [${protocols.map((protocol) => `"${protocol}"`).join(", ")}]`;
  return [
    ...(name === "" ? [{ path: `${path}.name`, message: "must not be empty" }] : []),
    ...(isKnown ? [] : [{ path: `${path}.appProtocol`, message }]),
  ];
}

/** Services of several zones under one name. */
export const meshMultiZoneServiceKind: KindDefinition<MeshMultiZoneServiceSpec> = {
  kind: "MeshMultiZoneService",
  path: "meshmultizoneservices",
  shortName: "mzsvc",
  singularDisplayName: "Mesh Multi-Zone Service",
  pluralDisplayName: "Mesh Multi-Zone Services",
  scope: "mesh",
  style: "spec",
  category: "core",
  sync: { globalToZone: true },
  includeInFederation: true,
  schema: meshMultiZoneServiceSchema,
  validate: validateMeshMultiZoneService,
  normalise: (spec) => fillDefaults(meshMultiZoneServiceSchema, spec),
  warnings: (_, { name }) => serviceNameWarnings("MeshMultiZoneService", name),
  example: `type: MeshMultiZoneService
mesh: default
name: orders
spec:
  selector:
    meshService:
      matchLabels:
        kuma.io/display-name: orders
  ports:
    - port: 80
      name: http
      appProtocol: http
`,
};
