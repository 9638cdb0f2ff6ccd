import { type TSchema, Type } from "@sinclair/typebox";
import type { SpecOf } from "../fragments.ts";
import type { KindDefinition, SyncRule } from "../kind.ts";
import { discoverySubscription, nodeMetadata, timeText, zoneStats } from "./subscription-schema.ts";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);
/** Beyond the peer. */
const rejection = optional(
  Type.Object(
    {
      mesh: Type.String(),
      proxy: Type.String(),
      typeUrl: Type.String({ description: "Type of the Envoy resources." }),
      resources: Type.Array(Type.String(), { description: "Names of the refused Envoy resources." }),
      message: Type.String({ description: "Envoy's own words." }),
      policies: Type.Array(Type.String(), { description: "`Kind/mesh/name` of policies that may be the cause." }),
      revision: Type.Integer({ description: "The refused state." }),
      time: timeText("When it was refused."),
    },
    { description: "What the proxy refuses now; absent when it holds what it should." },
  ),
);
const subscriptions = optional(Type.Array(discoverySubscription, { description: "Streams of the proxy, oldest first." }));

export const dataplaneInsightSchema = Type.Object({
  subscriptions,
  mTLS: optional(
    Type.Object({
      certificateExpirationTime: optional(timeText("When the proxy's certificate ends.")),
      lastCertificateRegeneration: optional(timeText("When it was issued.")),
      certificateRegenerations: optional(Type.Integer({ description: "How many were issued." })),
      issuedBackend: optional(Type.String({ description: "CA that issued it." })),
      supportedBackends: optional(Type.Array(Type.String(), { description: "CAs that the proxy trusts." })),
    }),
  ),
  metadata: optional(nodeMetadata),
  openTelemetry: optional(Type.Record(Type.String(), Type.Unknown())),
  rejection,
});
export type DataplaneInsightSpec = SpecOf<typeof dataplaneInsightSchema>;

export const zoneProxyInsightSchema = Type.Object({ subscriptions, metadata: optional(nodeMetadata), rejection });
export type ZoneIngressInsightSpec = SpecOf<typeof zoneProxyInsightSchema>;
export type ZoneEgressInsightSpec = ZoneIngressInsightSpec;

const kdsStream = optional(
  Type.Object({ globalInstanceId: optional(Type.String()), connectTime: optional(timeText("When it began.")) }),
);

const zoneSubscription = Type.Object({
  id: Type.String({ description: "Identifies the connection." }),
  globalInstanceId: optional(Type.String({ description: "Replica of the global that served it." })),
  connectTime: optional(timeText("When it began.")),
  disconnectTime: optional(timeText("When it ended; absent while it lasts.")),
  status: optional(
    Type.Object({
      lastUpdateTime: optional(timeText("When a count changed last.")),
      total: optional(zoneStats),
      stat: optional(Type.Record(Type.String(), zoneStats, { description: "By kind." })),
    }),
  ),
  version: optional(
    Type.Object({
      kumaCp: optional(
        Type.Object({
          version: optional(Type.String()),
          gitTag: optional(Type.String()),
          gitCommit: optional(Type.String()),
          buildDate: optional(Type.String()),
          kumaCpGlobalCompatible: optional(Type.Boolean()),
        }),
      ),
    }),
  ),
  generation: optional(Type.Integer({ description: "Grows while the connection lives." })),
  config: optional(Type.String({ description: "The zone control plane's config, secrets masked." })),
  authTokenProvided: optional(Type.Boolean({ description: "The zone sent a token." })),
  zoneInstanceId: optional(Type.String({ description: "Replica of the zone that connected." })),
});

/** Reference: multizone.md section 10. */
export const zoneInsightSchema = Type.Object({
  subscriptions: optional(Type.Array(zoneSubscription, { description: "Connections of the zone, oldest first." })),
  envoyAdminStreams: optional(
    Type.Object({
      configDumpGlobalInstanceId: optional(Type.String()),
      statsGlobalInstanceId: optional(Type.String()),
      clustersGlobalInstanceId: optional(Type.String()),
    }),
  ),
  kdsStreams: optional(
    Type.Object({
      clusters: kdsStream,
      configDump: kdsStream,
      stats: kdsStream,
      globalToZone: kdsStream,
      zoneToGlobal: kdsStream,
    }),
  ),
  healthCheck: optional(Type.Object({ time: optional(timeText("When the zone was heard last.")) })),
});
export type ZoneInsightSpec = SpecOf<typeof zoneInsightSchema>;

export const dataplaneInsightKind = insight<DataplaneInsightSpec>(dataplaneInsightSchema, {
  kind: "DataplaneInsight",
  path: "dataplane-insights",
  singularDisplayName: "Dataplane Insight",
  scope: "mesh",
  sync: { zoneToGlobal: true },
});
export const zoneInsightKind = insight<ZoneInsightSpec>(zoneInsightSchema, {
  kind: "ZoneInsight",
  path: "zone-insights",
  singularDisplayName: "Zone Insight",
  scope: "global",
  sync: {},
});
export const zoneIngressInsightKind = insight<ZoneIngressInsightSpec>(zoneProxyInsightSchema, {
  kind: "ZoneIngressInsight",
  path: "zone-ingress-insights",
  singularDisplayName: "Zone Ingress Insight",
  scope: "global",
  sync: { zoneToGlobal: true },
});
export const zoneEgressInsightKind = insight<ZoneEgressInsightSpec>(zoneProxyInsightSchema, {
  kind: "ZoneEgressInsight",
  path: "zoneegressinsights",
  singularDisplayName: "Zone Egress Insight",
  scope: "global",
  sync: { zoneToGlobal: true },
});

interface InsightNames {
  readonly kind: string;
  readonly path: string;
  readonly singularDisplayName: string;
  readonly scope: "mesh" | "global";
  readonly sync: SyncRule;
}

/** An insight is what a control plane observed; users only read it. */
function insight<Spec>(schema: TSchema, names: InsightNames): KindDefinition<Spec> {
  const isMeshScoped = names.scope === "mesh";
  return {
    ...names,
    pluralDisplayName: `${names.singularDisplayName}s`,
    style: "legacy",
    category: "insight",
    schema,
    example: `type: ${names.kind}
${isMeshScoped ? "mesh: default\n" : ""}name: sample-1
subscriptions:
  - id: 3f0c4b1e-8f0a-4c8e-9d44-7f4f3f8f8a10
    connectTime: "2026-01-02T03:04:05Z"
`,
  };
}
