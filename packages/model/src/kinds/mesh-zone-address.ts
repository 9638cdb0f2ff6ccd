import { Type } from "@sinclair/typebox";
import { portNumber, type SpecOf } from "../fragments.ts";
import type { KindDefinition } from "../kind.ts";
import { validatePort, validateProxyAddress } from "../rules/network.ts";
import type { Violation } from "../violation.ts";

export const meshZoneAddressSchema = Type.Object({
  address: Type.String({ description: "IP address or DNS name that the other zones can reach." }),
  port: portNumber("Port there."),
});

export type MeshZoneAddressSpec = SpecOf<typeof meshZoneAddressSchema>;

/** Source of the rules: resources.md section 3. */
function validateMeshZoneAddress({ address, port }: MeshZoneAddressSpec): readonly Violation[] {
  return [...validateProxyAddress("spec.address", address, "must not be empty"), ...validatePort("spec.port", port)];
}

/** Where the other zones find the zone ingress that a mesh has of its own. */
export const meshZoneAddressKind: KindDefinition<MeshZoneAddressSpec> = {
  kind: "MeshZoneAddress",
  path: "meshzoneaddresses",
  shortName: "mza",
  singularDisplayName: "Mesh Zone Address",
  pluralDisplayName: "Mesh Zone Addresses",
  scope: "mesh",
  style: "spec",
  category: "core",
  zoneOwned: true,
  sync: { zoneToGlobal: true, zoneToZone: true },
  schema: meshZoneAddressSchema,
  validate: validateMeshZoneAddress,
  example: `type: MeshZoneAddress
mesh: default
name: east-ingress
spec:
  address: 192.0.2.10
  port: 10001
`,
};
