import { type TSchema, Type } from "@sinclair/typebox";
import { type SpecOf, stringEnum } from "../fragments.ts";
import type { KindDefinition } from "../kind.ts";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);
/** Left out at zero, as proto JSON does. */
const count = (description: string) => optional(Type.Integer({ description }));

const proxyCounts = Type.Object({
  total: count("All of them."),
  online: count("Connected and ready."),
  offline: count("Not connected."),
  partiallyDegraded: count("Connected, but not every inbound is ready."),
});
const byKind = optional(
  Type.Record(Type.String(), Type.Object({ total: count("How many there are.") }), { description: "By kind." }),
);
const byVersion = optional(Type.Record(Type.String(), proxyCounts, { description: "By version." }));
const byBackend = optional(Type.Record(Type.String(), proxyCounts, { description: "By CA backend." }));

/** Reference: resources.md section 8. */
export const meshInsightSchema = Type.Object({
  dataplanes: optional(proxyCounts),
  dataplanesByType: optional(
    Type.Object({
      standard: optional(proxyCounts),
      gateway: optional(proxyCounts),
      gatewayBuiltin: optional(proxyCounts),
      gatewayDelegated: optional(proxyCounts),
    }),
  ),
  policies: byKind,
  resources: byKind,
  dpVersions: optional(Type.Object({ kumaDp: byVersion, envoy: byVersion })),
  mTLS: optional(Type.Object({ issuedBackends: byBackend, supportedBackends: byBackend })),
  services: optional(
    Type.Object({
      total: count("All services."),
      internal: count("Services of the mesh."),
      external: count("External services."),
    }),
  ),
});
export type MeshInsightSpec = SpecOf<typeof meshInsightSchema>;

/** Reference: resources.md section 8. The peer stores all services of a mesh as one and shows them one by one; so they are here. */
export const serviceInsightSchema = Type.Object({
  status: optional(
    stringEnum(["none", "offline", "partially_degraded", "online", "not_available"], {
      description: "Of all its proxies together.",
    }),
  ),
  dataplanes: optional(proxyCounts),
  issuedBackends: optional(
    Type.Record(Type.String(), Type.Integer(), { description: "Proxies by CA that issued their certificate." }),
  ),
  serviceType: optional(
    stringEnum(["internal", "external", "gateway_delegated", "gateway_builtin"], { description: "Absent: internal." }),
  ),
  addressPort: optional(Type.String({ description: "Where clients find it: `<service>.mesh:80`." })),
  zones: optional(Type.Array(Type.String(), { description: "Zones with a proxy of it." })),
});
export type ServiceInsightSpec = SpecOf<typeof serviceInsightSchema>;

/** What a mesh adds up to; it has the mesh's name. */
export const meshInsightKind: KindDefinition<MeshInsightSpec> = {
  kind: "MeshInsight",
  path: "mesh-insights",
  singularDisplayName: "Mesh Insight",
  pluralDisplayName: "Mesh Insights",
  scope: "global",
  style: "legacy",
  category: "insight",
  sync: {},
  schema: meshInsightSchema,
  example: `type: MeshInsight
name: default
dataplanes:
  total: 3
  online: 2
  offline: 1
`,
};

/** What one `kuma.io/service` of a mesh adds up to; it has the service's name. */
export const serviceInsightKind: KindDefinition<ServiceInsightSpec> = {
  kind: "ServiceInsight",
  path: "service-insights",
  singularDisplayName: "Service Insight",
  pluralDisplayName: "Service Insights",
  scope: "mesh",
  style: "legacy",
  category: "insight",
  sync: { globalToZone: true },
  schema: serviceInsightSchema,
  example: `type: ServiceInsight
mesh: default
name: orders
status: online
dataplanes:
  total: 1
  online: 1
addressPort: orders.mesh:80
zones:
  - east
`,
};
