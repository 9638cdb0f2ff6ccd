import { durationText, type SpecOf } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { uint32 } from "../core/fragments/legacy-numbers.ts";
import { sourceDestinationFields } from "../core/fragments/source-destination.ts";

const onRateLimitSchema = Type.Object(
  {
    status: Type.Optional(uint32("Status of the answer. Default 429.")),
    headers: Type.Optional(
      Type.Array(
        Type.Object({
          key: Type.String({ description: "Header name." }),
          value: Type.String({ description: "Header value." }),
          append: Type.Optional(
            Type.Boolean({ description: "Add beside a value that is there already, rather than replace it. Default false." }),
          ),
        }),
        { description: "Headers of the answer." },
      ),
    ),
  },
  { description: "What a client over the limit is answered." },
);

const httpSchema = Type.Object(
  {
    requests: uint32("Requests in each interval."),
    interval: durationText("The interval."),
    onRateLimit: Type.Optional(onRateLimitSchema),
  },
  { description: "The limit of each instance, for all clients together." },
);

export const rateLimitSchema = Type.Object({
  ...sourceDestinationFields({
    sources: "Clients that the limit is for; any tags.",
    destinations: "Inbounds that are limited; any tags. For an external service: `kuma.io/service` only.",
  }),
  conf: Type.Object({ http: Type.Optional(httpSchema) }, { description: "The limit." }),
});

export type RateLimitSpec = SpecOf<typeof rateLimitSchema>;
