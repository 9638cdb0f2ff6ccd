import type { SpecOf } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { outboundFields } from "../core/fragments/source-destination.ts";

export const trafficLogSchema = Type.Object({
  ...outboundFields,
  conf: Type.Optional(
    Type.Object(
      {
        backend: Type.Optional(
          Type.String({ description: "Name of a logging backend of the mesh. Default: the mesh's `logging.defaultBackend`." }),
        ),
      },
      { description: "Where the log goes." },
    ),
  ),
});

export type TrafficLogSpec = SpecOf<typeof trafficLogSchema>;
