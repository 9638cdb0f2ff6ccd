import { type SpecOf, selectorSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";

export const trafficPermissionSchema = Type.Object({
  sources: Type.Optional(Type.Array(selectorSchema, { description: "Clients that may connect." })),
  destinations: Type.Optional(Type.Array(selectorSchema, { description: "Inbounds that they may connect to." })),
});

export type TrafficPermissionSpec = SpecOf<typeof trafficPermissionSchema>;
