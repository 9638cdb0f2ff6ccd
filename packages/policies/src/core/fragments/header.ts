import { type SpecOf, stringEnum } from "@meridian/model";
import { Type } from "@sinclair/typebox";

/** Lower case, as HTTP/2 sends it: characters of a token (RFC 9110, 5.6.2). */
export const headerNameSchema = Type.String({
  minLength: 1,
  maxLength: 256,
  pattern: "^[a-z0-9!#$%&'*+\\-.^_`|~]+$",
  description: "Header name, lower case.",
});

export const headerMatchSchema = Type.Object({
  type: Type.Optional(
    stringEnum(["Exact", "Present", "RegularExpression", "Absent", "Prefix"], {
      description: "How the value is compared. Default Exact.",
      default: "Exact",
    }),
  ),
  name: headerNameSchema,
  value: Type.Optional(Type.String({ description: "Not for Present and Absent." })),
});
export type HeaderMatch = SpecOf<typeof headerMatchSchema>;

const headerValueSchema = Type.Object({ name: headerNameSchema, value: Type.String({ description: "Header value." }) });

const changes = {
  set: Type.Optional(Type.Array(headerValueSchema, { maxItems: 16, description: "Headers to overwrite." })),
  add: Type.Optional(Type.Array(headerValueSchema, { maxItems: 16, description: "Headers to add beside others." })),
};

export const headerAdditionSchema = Type.Object(changes, { description: "Headers to set or add; several values with commas." });

export const headerModifierSchema = Type.Object({
  ...changes,
  remove: Type.Optional(
    Type.Array(Type.String({ description: "Header name." }), { maxItems: 16, description: "Headers to remove." }),
  ),
});
export type HeaderModifier = SpecOf<typeof headerModifierSchema>;
