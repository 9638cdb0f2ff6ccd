import { type TSchema, Type } from "@sinclair/typebox";
import { portNumber, type SpecOf, stringMap, type Unchecked } from "../fragments.ts";
import type { KindDefinition } from "../kind.ts";
import { isLoopback, validatePort, validateProxyAddress } from "../rules/network.ts";
import { validateTags } from "../rules/tags.ts";
import { at, type Violation } from "../violation.ts";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

const availableService = Type.Object({
  tags: stringMap("Tags of the service's instances."),
  instances: optional(Type.Integer({ description: "How many healthy instances have these tags." })),
  mesh: optional(Type.String({ description: "Mesh of the service." })),
  externalService: optional(Type.Boolean({ description: "It is an ExternalService." })),
});

export const zoneIngressSchema = Type.Object({
  zone: optional(Type.String({ description: "Zone of the ingress; written by the control plane." })),
  networking: Type.Object({
    address: Type.String({ description: "IP address or DNS name inside the zone." }),
    port: portNumber("Port on which it listens."),
    advertisedAddress: optional(Type.String({ description: "Address for the other zones; with `advertisedPort`." })),
    advertisedPort: optional(portNumber("Port for the other zones; with `advertisedAddress`.")),
    admin: optional(Type.Object({ port: optional(portNumber("Port of Envoy's admin API.")) })),
  }),
  availableServices: optional(
    Type.Array(availableService, { description: "What the zone offers to others; written by the control plane." }),
  ),
});

export type ZoneIngressSpec = SpecOf<typeof zoneIngressSchema>;

/** Source of the rules: resources-legacy.md section 18, with the peer's own paths (`networking.address.address`). */
function validateZoneIngress(spec: Unchecked<ZoneIngressSpec>): readonly Violation[] {
  const networking = spec.networking ?? {};
  const { address, advertisedAddress, advertisedPort } = networking;
  const violations: Violation[] = [
    ...validatePort("networking.port", networking.port),
    ...validateAdminPort(networking),
    ...validateProxyAddress("networking.address.address", address),
    ...validateProxyAddress("networking.advertisedAddress.address", advertisedAddress),
  ];
  if (advertisedPort) violations.push(...validatePort("networking.advertisedPort", advertisedPort));
  if (advertisedAddress && !advertisedPort) {
    violations.push({ path: "networking.advertisedAddress", message: "has to be defined with advertisedPort" });
  }
  if (advertisedPort && !advertisedAddress) {
    violations.push({ path: "networking.advertisedPort", message: "has to be defined with advertisedAddress" });
  }
  spec.availableServices?.forEach((service, index) => {
    const path = `${at("availableService", index)}.tags`;
    violations.push(...validateTags(path, service.tags as Record<string, string>, { requireService: true, requireTag: false }));
  });
  return violations;
}

interface ZoneProxyNetworking {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly admin?: { readonly port?: number | undefined } | undefined;
}

/** Envoy's admin API listens on loopback, so only an address there can collide with it. */
export function validateAdminPort(networking: ZoneProxyNetworking): readonly Violation[] {
  const { address = "", port, admin } = networking;
  if (!admin?.port || admin.port !== port || !isLoopback(address)) return [];
  return [{ path: "networking.admin.port", message: "must differ from port" }];
}

export const zoneIngressKind: KindDefinition<ZoneIngressSpec> = {
  kind: "ZoneIngress",
  path: "zoneingresses",
  aliasPaths: ["zone-ingresses"],
  shortName: "zi",
  singularDisplayName: "Zone Ingress",
  pluralDisplayName: "Zone Ingresses",
  scope: "global",
  style: "legacy",
  category: "core",
  zoneOwned: true,
  hasOverview: true,
  sync: { zoneToGlobal: true, zoneToZone: true },
  schema: zoneIngressSchema,
  example: `type: ZoneIngress
name: zi-east
networking:
  address: 10.1.0.9
  port: 10001
  advertisedAddress: 198.51.100.9
  advertisedPort: 30001
  admin:
    port: 9902
`,
  validate: validateZoneIngress,
};
