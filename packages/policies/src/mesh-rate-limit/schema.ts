import { durationText, type SpecOf, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { headerAdditionSchema } from "../core/fragments/header.ts";
import { amount } from "../core/fragments/number.ts";
import { matchedRules, targetedItems } from "../core/fragments/target-items.ts";

const disabled = Type.Optional(Type.Boolean({ description: "No limit. Default false." }));

const rate = (description: string) =>
  Type.Optional(
    Type.Object({ num: amount("How many; above 0."), interval: durationText("In what time; above 50ms.") }, { description }),
  );

const httpSchema = Type.Object(
  {
    disabled,
    requestRate: rate("Requests that each route of a proxy serves."),
    onRateLimit: Type.Optional(
      Type.Object(
        {
          status: Type.Optional(amount("Status of the answer, 400 or above. Default 429.")),
          headers: Type.Optional(headerAdditionSchema),
        },
        { description: "The answer to a request beyond the limit." },
      ),
    ),
  },
  { description: "Limit of HTTP and gRPC requests." },
);

const tcpSchema = Type.Object(
  { disabled, connectionRate: rate("Connections that a proxy accepts.") },
  { description: "Limit of connections." },
);

const rateLimitConfSchema = Type.Object(
  {
    local: Type.Optional(
      Type.Object(
        { http: Type.Optional(httpSchema), tcp: Type.Optional(tcpSchema) },
        { description: "Limits that each proxy counts by itself. At least one of http, tcp." },
      ),
    ),
  },
  { description: "How much is let through." },
);

export const meshRateLimitSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  to: targetedItems(rateLimitConfSchema, "Limits of gateways."),
  from: targetedItems(rateLimitConfSchema, "Limits of inbounds. Deprecated: use rules."),
  rules: matchedRules(rateLimitConfSchema, "Limits of inbounds."),
});

export type MeshRateLimitSpec = SpecOf<typeof meshRateLimitSchema>;
export type RateLimitConf = SpecOf<typeof rateLimitConfSchema>;
export type LocalRateLimit = NonNullable<RateLimitConf["local"]>;
