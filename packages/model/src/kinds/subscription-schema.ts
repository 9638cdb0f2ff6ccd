import { type TSchema, Type } from "@sinclair/typebox";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

export const timeText = (description: string) => Type.String({ description: `${description} RFC 3339.` });
/** Counters are 64 bit numbers: text in proto JSON. */
export const counterText = () => Type.String({ description: "A counter." });

const serviceStats = Type.Object({
  responsesSent: optional(counterText()),
  responsesAcknowledged: optional(counterText()),
  responsesRejected: optional(counterText()),
});

/** One xDS stream of a proxy (reference: dataplane-protocol.md section 13). */
export const discoverySubscription = Type.Object({
  id: Type.String({ description: "Identifies the stream." }),
  controlPlaneInstanceId: optional(Type.String({ description: "Control plane that served it." })),
  connectTime: optional(timeText("When it began.")),
  disconnectTime: optional(timeText("When it ended; absent while it lasts.")),
  generation: optional(Type.Integer({ description: "Grows while the stream lives." })),
  status: optional(
    Type.Object({
      lastUpdateTime: optional(timeText("When a count changed last.")),
      total: optional(serviceStats),
      cds: optional(serviceStats),
      eds: optional(serviceStats),
      lds: optional(serviceStats),
      rds: optional(serviceStats),
      sds: optional(serviceStats),
    }),
  ),
  version: optional(
    Type.Object({
      kumaDp: optional(
        Type.Object({
          version: optional(Type.String()),
          gitTag: optional(Type.String()),
          gitCommit: optional(Type.String()),
          buildDate: optional(Type.String()),
          kumaCpCompatible: optional(Type.Boolean()),
        }),
      ),
      envoy: optional(
        Type.Object({
          version: optional(Type.String()),
          build: optional(Type.String()),
          kumaDpCompatible: optional(Type.Boolean()),
        }),
      ),
      dependencies: optional(Type.Record(Type.String(), Type.String())),
    }),
  ),
});

/** Metadata of the Envoy node, as the proxy sent it. */
export const nodeMetadata = Type.Record(Type.String(), Type.Unknown(), { description: "Metadata of the Envoy node." });

export const zoneStats = serviceStats;
