import { type SpecOf, selectorSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";

export const trafficTraceSchema = Type.Object({
  selectors: Type.Optional(Type.Array(selectorSchema, { description: "Proxies that trace; any tags." })),
  conf: Type.Optional(
    Type.Object(
      {
        backend: Type.Optional(
          Type.String({ description: "Name of a tracing backend of the mesh. Default: the mesh's `tracing.defaultBackend`." }),
        ),
      },
      { description: "Where spans go." },
    ),
  ),
});

export type TrafficTraceSpec = SpecOf<typeof trafficTraceSchema>;
