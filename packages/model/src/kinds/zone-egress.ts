import { type TSchema, Type } from "@sinclair/typebox";
import { portNumber, type SpecOf, type Unchecked } from "../fragments.ts";
import type { KindDefinition } from "../kind.ts";
import { validatePort, validateProxyAddress } from "../rules/network.ts";
import type { Violation } from "../violation.ts";
import { validateAdminPort } from "./zone-ingress.ts";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

export const zoneEgressSchema = Type.Object({
  zone: optional(Type.String({ description: "Zone of the egress; written by the control plane." })),
  networking: Type.Object({
    address: Type.String({ description: "IP address or DNS name inside the zone." }),
    port: portNumber("Port on which it listens."),
    admin: optional(Type.Object({ port: optional(portNumber("Port of Envoy's admin API.")) })),
  }),
});

export type ZoneEgressSpec = SpecOf<typeof zoneEgressSchema>;

/** Source of the rules: resources-legacy.md section 18. */
function validateZoneEgress(spec: Unchecked<ZoneEgressSpec>): readonly Violation[] {
  const networking = spec.networking ?? {};
  return [
    ...validatePort("networking.port", networking.port),
    ...validateAdminPort(networking),
    ...validateProxyAddress("networking.address.address", networking.address),
  ];
}

export const zoneEgressKind: KindDefinition<ZoneEgressSpec> = {
  kind: "ZoneEgress",
  path: "zoneegresses",
  shortName: "ze",
  singularDisplayName: "Zone Egress",
  pluralDisplayName: "Zone Egresses",
  scope: "global",
  style: "legacy",
  category: "core",
  zoneOwned: true,
  hasOverview: true,
  sync: { zoneToGlobal: true },
  schema: zoneEgressSchema,
  example: `type: ZoneEgress
name: ze-east
networking:
  address: 10.1.0.8
  port: 10002
`,
  validate: validateZoneEgress,
};
