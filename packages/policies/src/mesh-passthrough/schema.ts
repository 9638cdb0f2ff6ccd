import { type SpecOf, stringEnum, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";

const matchSchema = Type.Object({
  type: stringEnum(["Domain", "IP", "CIDR"], { description: "What the value is." }),
  value: Type.String({ description: "A DNS name, `*.` before it for all names below; an address; or a range of addresses." }),
  port: Type.Optional(Type.Integer({ description: "Port of the destination. Default: any." })),
  protocol: Type.Optional(
    stringEnum(["tcp", "tls", "grpc", "http", "http2", "mysql"], { default: "tcp", description: "What is spoken there." }),
  ),
});

const confSchema = Type.Object({
  passthroughMode: Type.Optional(
    stringEnum(["All", "Matched", "None"], {
      description: "Which destinations outside of the mesh can be reached. Default: Matched.",
    }),
  ),
  appendMatch: Type.Optional(
    Type.Array(matchSchema, { description: "Destinations that can be reached; lists of several policies are joined." }),
  ),
});

export const meshPassthroughSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  default: Type.Optional(confSchema),
});

export type MeshPassthroughSpec = SpecOf<typeof meshPassthroughSchema>;
export type PassthroughMatch = SpecOf<typeof matchSchema>;
