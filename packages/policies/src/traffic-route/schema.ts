import { type SpecOf, selectorSchema, stringEnum, stringMap } from "@meridian/model";
import { type Static, Type } from "@sinclair/typebox";

const stringMatchSchema = Type.Object(
  {
    prefix: Type.Optional(Type.String({ description: "The text starts with this." })),
    exact: Type.Optional(Type.String({ description: "The text is this." })),
    regex: Type.Optional(Type.String({ description: "The whole text fits this RE2 expression." })),
  },
  { description: "Exactly one of prefix, exact, regex." },
);

const destination = stringMap("Tags of the destination; `*` takes the value of the outbound.");

const splitSchema = Type.Array(
  Type.Object({
    weight: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: "Share of the traffic; 0 gets none." }),
    ),
    destination: Type.Optional(destination),
  }),
  { description: "Destinations that share the traffic by weight." },
);

const replacementSchema = (description: string) =>
  Type.Object(
    {
      pattern: Type.Optional(Type.String({ description: "RE2 expression for the path." })),
      substitution: Type.Optional(Type.String({ description: "What replaces each match; `\\1` is the first group." })),
    },
    { description },
  );

const headersSchema = Type.Object({
  add: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.Optional(Type.String({ description: "Header name." })),
        value: Type.Optional(Type.String({ description: "Header value." })),
        append: Type.Optional(Type.Boolean({ description: "Keep a value that is there already. Default false." })),
      }),
      { description: "Headers to set or add." },
    ),
  ),
  remove: Type.Optional(
    Type.Array(Type.Object({ name: Type.Optional(Type.String({ description: "Header name." })) }), {
      description: "Headers to remove.",
    }),
  ),
});

const modifySchema = Type.Object(
  {
    path: Type.Optional(
      Type.Object(
        {
          rewritePrefix: Type.Optional(Type.String({ description: "Replaces the matched prefix." })),
          regex: Type.Optional(replacementSchema("Replaces what the expression matches.")),
        },
        { description: "Exactly one of rewritePrefix, regex." },
      ),
    ),
    host: Type.Optional(
      Type.Object(
        {
          value: Type.Optional(Type.String({ description: "The new host." })),
          fromPath: Type.Optional(replacementSchema("Takes the host from the path.")),
        },
        { description: "Exactly one of value, fromPath." },
      ),
    ),
    requestHeaders: Type.Optional(headersSchema),
    responseHeaders: Type.Optional(headersSchema),
  },
  { description: "Changes to matched requests and their responses." },
);

const httpRouteSchema = Type.Object({
  match: Type.Optional(
    Type.Object(
      {
        method: Type.Optional(stringMatchSchema),
        path: Type.Optional(stringMatchSchema),
        headers: Type.Optional(Type.Record(Type.String(), stringMatchSchema, { description: "Conditions by header name." })),
      },
      { description: "Which requests; every condition must hold." },
    ),
  ),
  modify: Type.Optional(modifySchema),
  split: Type.Optional(splitSchema),
  destination: Type.Optional(destination),
});

const ringSize = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: "^[0-9]+$" })], { description });

const loadBalancerSchema = Type.Object(
  {
    roundRobin: Type.Optional(Type.Object({}, { description: "Each endpoint in turn." })),
    leastRequest: Type.Optional(
      Type.Object({
        choiceCount: Type.Optional(Type.Integer({ minimum: 0, description: "Endpoints to compare; at least 2. Default 2." })),
      }),
    ),
    ringHash: Type.Optional(
      Type.Object({
        hashFunction: Type.Optional(stringEnum(["XX_HASH", "MURMUR_HASH_2"], { description: "How endpoints are placed." })),
        minRingSize: Type.Optional(ringSize("Smallest ring.")),
        maxRingSize: Type.Optional(ringSize("Largest ring.")),
      }),
    ),
    random: Type.Optional(Type.Object({}, { description: "Any endpoint." })),
    maglev: Type.Optional(Type.Object({}, { description: "Maglev hashing." })),
  },
  { description: "One way to choose among the endpoints of a destination." },
);

export const trafficRouteSchema = Type.Object({
  sources: Type.Optional(Type.Array(selectorSchema, { description: "Proxies whose outbound traffic is routed." })),
  destinations: Type.Optional(
    Type.Array(selectorSchema, { description: "Services that the traffic is for; only `kuma.io/service`." }),
  ),
  conf: Type.Optional(
    Type.Object(
      {
        destination: Type.Optional(destination),
        split: Type.Optional(splitSchema),
        loadBalancer: Type.Optional(loadBalancerSchema),
        http: Type.Optional(Type.Array(httpRouteSchema, { description: "Routes for some HTTP requests, tried in order." })),
      },
      { description: "Where the traffic goes: split or destination." },
    ),
  ),
});

export type TrafficRouteSpec = SpecOf<typeof trafficRouteSchema>;
export type TrafficRouteConf = NonNullable<TrafficRouteSpec["conf"]>;
export type HttpRoute = NonNullable<TrafficRouteConf["http"]>[number];
export type Modify = NonNullable<HttpRoute["modify"]>;
export type HeaderChanges = NonNullable<Modify["requestHeaders"]>;
export type StringMatch = SpecOf<typeof stringMatchSchema>;
export type Split = SpecOf<typeof splitSchema>;
export type LoadBalancer = Static<typeof loadBalancerSchema>;
