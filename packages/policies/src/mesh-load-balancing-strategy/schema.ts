import { durationText, type SpecOf, stringEnum, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { amount, intOrDecimal } from "../core/fragments/number.ts";
import { percentageSchema } from "../core/fragments/percentage.ts";
import { targetedItems } from "../core/fragments/target-items.ts";

const name = (description: string) => Type.String({ minLength: 1, description });

const hashPolicySchema = Type.Object(
  {
    type: stringEnum(["Header", "Cookie", "Connection", "SourceIP", "QueryParameter", "FilterState"], {
      description: "Which of the fields below is hashed. SourceIP is deprecated: use Connection.",
    }),
    terminal: Type.Optional(Type.Boolean({ description: "Stop here if there is a hash by now." })),
    header: Type.Optional(Type.Object({ name: name("Name of the header.") }, { description: "A header of the request." })),
    cookie: Type.Optional(
      Type.Object(
        {
          name: name("Name of the cookie."),
          ttl: Type.Optional(durationText("Makes the proxy set a cookie of this age where there is none.")),
          path: Type.Optional(Type.String({ description: "Path of that cookie; absolute." })),
        },
        { description: "A cookie." },
      ),
    ),
    connection: Type.Optional(
      Type.Object(
        { sourceIP: Type.Optional(Type.Boolean({ description: "Address of the client." })) },
        { description: "A property of the connection." },
      ),
    ),
    queryParameter: Type.Optional(
      Type.Object({ name: name("Name of the parameter.") }, { description: "A parameter of the query." }),
    ),
    filterState: Type.Optional(Type.Object({ key: name("Key of the object.") }, { description: "An object of Envoy's state." })),
  },
  { description: "What requests that belong together have in common." },
);

const hashPolicies = (description: string) => Type.Optional(Type.Array(hashPolicySchema, { description }));

const ringSize = (description: string) => Type.Optional(Type.Integer({ minimum: 1, maximum: 8_000_000, description }));

const loadBalancerSchema = Type.Object(
  {
    type: stringEnum(["RoundRobin", "LeastRequest", "RingHash", "Random", "Maglev"], { description: "How a host is chosen." }),
    roundRobin: Type.Optional(Type.Object({}, { description: "One after the other." })),
    leastRequest: Type.Optional(
      Type.Object(
        {
          choiceCount: Type.Optional(amount("Hosts that are compared. Default 2.", { minimum: 2 })),
          activeRequestBias: Type.Optional(
            intOrDecimal("How much requests under way weigh against weights, 0 or more; decimals as text. Default 1."),
          ),
        },
        { description: "The one with the fewest requests under way." },
      ),
    ),
    ringHash: Type.Optional(
      Type.Object(
        {
          hashFunction: Type.Optional(stringEnum(["XXHash", "MurmurHash2"], { description: "Default XXHash." })),
          minRingSize: ringSize("Smallest ring. Default 1024."),
          maxRingSize: ringSize("Largest ring. Default 8000000."),
          hashPolicies: hashPolicies("What is hashed. The hashPolicies beside loadBalancer do the same for all kinds."),
        },
        { description: "Equal hashes go to the same host." },
      ),
    ),
    random: Type.Optional(Type.Object({}, { description: "Any." })),
    maglev: Type.Optional(
      Type.Object(
        {
          tableSize: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 5_000_011, description: "A prime number. Default 65537." }),
          ),
          hashPolicies: hashPolicies("What is hashed. The hashPolicies beside loadBalancer do the same for all kinds."),
        },
        { description: "Equal hashes go to the same host; faster than a ring, less steady." },
      ),
    ),
  },
  { description: "How a host is chosen." },
);

const affinityTagSchema = Type.Object({
  key: Type.String({ description: "Tag whose value a near host shares." }),
  weight: Type.Optional(amount("Share of the traffic; for all tags or for none. Default: 9 of 10 for the first, and so on.")),
});

const zones = (description: string) => Type.Array(Type.String({ description: "Name of a zone." }), { description });

const failoverSchema = Type.Object(
  {
    from: Type.Optional(
      Type.Object({ zones: zones("Zones of clients that the rule is for.") }, { description: "Absent: all zones." }),
    ),
    to: Type.Object(
      {
        type: stringEnum(["None", "Only", "Any", "AnyExcept"], { description: "Which zones are next." }),
        zones: Type.Optional(zones("For Only and AnyExcept.")),
      },
      { description: "Where the traffic goes." },
    ),
  },
  { description: "A step of the failover." },
);

const localityAwarenessSchema = Type.Object(
  {
    disabled: Type.Optional(Type.Boolean({ description: "All hosts alike, wherever they are. Default false." })),
    localZone: Type.Optional(
      Type.Object(
        { affinityTags: Type.Optional(Type.Array(affinityTagSchema, { description: "The nearest first." })) },
        { description: "Inside the zone." },
      ),
    ),
    crossZone: Type.Optional(
      Type.Object(
        {
          failover: Type.Optional(Type.Array(failoverSchema, { description: "Steps, in order." })),
          failoverThreshold: Type.Optional(
            Type.Object(
              { percentage: percentageSchema("Share of healthy hosts below which the next step begins.") },
              { description: "Default 50 %." },
            ),
          ),
        },
        { description: "When the hosts of the zone do not do." },
      ),
    ),
  },
  { description: "Near hosts first." },
);

const loadBalancingConfSchema = Type.Object(
  {
    localityAwareness: Type.Optional(localityAwarenessSchema),
    loadBalancer: Type.Optional(loadBalancerSchema),
    hashPolicies: hashPolicies("What is hashed, in order."),
  },
  { description: "How hosts are chosen." },
);

export const meshLoadBalancingStrategySchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  to: targetedItems(loadBalancingConfSchema, "Choice of hosts of destinations."),
});

export type MeshLoadBalancingStrategySpec = SpecOf<typeof meshLoadBalancingStrategySchema>;
export type LoadBalancingConf = SpecOf<typeof loadBalancingConfSchema>;
export type HashPolicy = SpecOf<typeof hashPolicySchema>;
export type LocalityAwareness = SpecOf<typeof localityAwarenessSchema>;
export type CrossZone = NonNullable<LocalityAwareness["crossZone"]>;
