import type { Endpoint } from "@meridian/envoy";
import type { Tags } from "@meridian/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Assignment, OutboundTarget, World } from "../core/effects/targets.ts";
import type { Protocol, ProxySubject } from "../core/types.ts";
import { outbound, policiesFrom, proxy } from "../testing/policies.ts";
import { affinityTraits, loadBalancingHooks } from "./apply.ts";
import { nextPrime } from "./balancer-fields.ts";

const policy = (conf: string, ref = "{kind: Mesh}", name = "p") =>
  `{type: MeshLoadBalancingStrategy, mesh: default, name: ${name}, spec: {to: [{targetRef: ${ref}, default: ${conf}}]}}`;
const world: World = { name: "default", zone: "east", mesh: {}, list: () => [] };
const target: OutboundTarget = { mesh: "default", zone: "east", service: "web", tags: {}, protocol: "http" };
const emptyCluster = { name: "web", type: "EDS", connectTimeout: "5s" } as const;

function decide(yaml: string, { subject = proxy(), protocol = "http" as Protocol } = {}) {
  return loadBalancingHooks.decide({
    ...{ subject, outbound: outbound("web", { protocol }), routes: [], world },
    policies: policiesFrom(yaml),
  });
}

function clusterOf(conf: string, draft: object = {}): object {
  const decision = decide(policy(conf));
  if (!decision) throw new Error("no decision");
  return { ...loadBalancingHooks.cluster?.({ ...emptyCluster, ...draft }, decision.conf, target) };
}

describe("the balancer", () => {
  it.each([
    ["{type: RoundRobin}", { lbPolicy: "ROUND_ROBIN" }],
    ["{type: Random}", { lbPolicy: "RANDOM" }],
    ["{type: LeastRequest}", { lbPolicy: "LEAST_REQUEST", leastRequestLbConfig: {} }],
    [
      '{type: LeastRequest, leastRequest: {choiceCount: 4, activeRequestBias: "1.5"}}',
      {
        lbPolicy: "LEAST_REQUEST",
        leastRequestLbConfig: {
          choiceCount: 4,
          activeRequestBias: { defaultValue: 1.5, runtimeKey: "lb_policy.active_request_bias" },
        },
      },
    ],
    [
      "{type: RingHash, ringHash: {hashFunction: MurmurHash2, minRingSize: 10, maxRingSize: 20}}",
      {
        lbPolicy: "RING_HASH",
        ringHashLbConfig: { hashFunction: "MURMUR_HASH_2", minimumRingSize: 10, maximumRingSize: 20 },
      },
    ],
    // Envoy refuses a largest ring below the smallest, which is 1024 where nobody says so.
    [
      "{type: RingHash, ringHash: {maxRingSize: 100}}",
      { lbPolicy: "RING_HASH", ringHashLbConfig: { minimumRingSize: 100, maximumRingSize: 100 } },
    ],
    ["{type: Maglev, maglev: {tableSize: 100}}", { lbPolicy: "MAGLEV", maglevLbConfig: { tableSize: 101 } }],
  ])("%s", (loadBalancer, expected) => {
    const {
      name: _n,
      type: _t,
      connectTimeout: _c,
      ...fields
    } = clusterOf(`{loadBalancer: ${loadBalancer}}`) as typeof emptyCluster;
    expect(fields).toEqual(expected);
  });

  it("replaces what a TrafficRoute chose", () => {
    const ofRoute = { lbPolicy: "RING_HASH", ringHashLbConfig: { hashFunction: "XX_HASH" } };
    expect(clusterOf("{loadBalancer: {type: LeastRequest}}", ofRoute)).toEqual({
      ...emptyCluster,
      lbPolicy: "LEAST_REQUEST",
      leastRequestLbConfig: {},
    });
    expect(clusterOf("{hashPolicies: []}", ofRoute)).toEqual({ ...emptyCluster, ...ofRoute });
  });

  it("a table has the next prime size", () => {
    expect([1, 2, 4, 65_536, 65_537, 5_000_010].map(nextPrime)).toEqual([2, 2, 5, 65_537, 65_537, 5_000_011]);
  });
});

describe("hashing", () => {
  const policies = `[{type: Header, header: {name: x-user}, terminal: true},
    {type: Cookie, cookie: {name: c, ttl: 1m, path: /a}}, {type: Cookie, cookie: {name: d}},
    {type: Connection, connection: {sourceIP: true}}, {type: SourceIP, connection: {}},
    {type: QueryParameter, queryParameter: {name: q}}, {type: FilterState, filterState: {key: k}}]`;
  const expected = [
    { header: { headerName: "x-user" }, terminal: true },
    { cookie: { name: "c", ttl: "60s", path: "/a" } },
    { cookie: { name: "d" } },
    { connectionProperties: { sourceIp: true } },
    { connectionProperties: { sourceIp: true } },
    { queryParameter: { name: "q" } },
    { filterState: { key: "k" } },
  ];

  it.each([
    `{hashPolicies: ${policies}}`,
    `{loadBalancer: {type: RingHash, ringHash: {hashPolicies: ${policies}}}}`,
    `{loadBalancer: {type: Maglev, maglev: {hashPolicies: ${policies}}, ringHash: {hashPolicies: []}}}`,
  ])("by %s", (conf) => {
    const decision = decide(policy(conf));
    const route = { match: { prefix: "/" }, route: { cluster: "web" } };
    expect(loadBalancingHooks.route?.(route, decision?.conf ?? {}, target)).toEqual({
      ...route,
      route: { cluster: "web", hashPolicy: expected },
    });
    const redirect = { match: { prefix: "/" }, redirect: {} };
    expect(loadBalancingHooks.route?.(redirect, decision?.conf ?? {}, target)).toEqual(redirect);
  });

  it("of TCP connections takes what is not about requests, and says so of the rest", () => {
    const decision = decide(policy(`{hashPolicies: ${policies}}`), { protocol: "tcp" });
    const name = "envoy.filters.network.tcp_proxy";
    const chain = { filters: [{ name, typedConfig: { "@type": "t" } }] };
    expect(loadBalancingHooks.chain?.(chain, decision?.conf ?? {}, target, {})).toEqual({
      filters: [{ name, typedConfig: { "@type": "t", hashPolicy: [{ sourceIp: {} }] } }],
    });
    expect(decision?.notes).toEqual([
      {
        policy: expect.stringContaining("MeshLoadBalancingStrategy"),
        message: "hashPolicies: web is tcp, where only the client's address and filter state can be hashed",
      },
    ]);
    expect(decide(policy("{hashPolicies: [{type: SourceIP, connection: {}}]}"), { protocol: "tcp" })?.notes).toBeUndefined();
  });
});

const here = (address: string, tags: Tags = {}, labels: Tags = {}): Endpoint => ({
  ...{ address, port: 80, weight: 2, zone: "east", tags, labels },
});
const there = (address: string, zone: string, weight: number, priority = 0): Endpoint => ({
  ...{ address, port: 80, weight, zone, priority, tags: {} },
});

function arranged(conf: string, endpoints: readonly Endpoint[], subject?: ProxySubject): Assignment {
  const decision = decide(policy(`{localityAwareness: ${conf}}`), { ...(subject && { subject }) });
  if (!decision || !loadBalancingHooks.endpoints) throw new Error("no decision");
  return loadBalancingHooks.endpoints({ endpoints }, decision.conf, target);
}

/** `address@zone[/subZone]: priority weight` */
function places({ endpoints }: Assignment): readonly string[] {
  return endpoints.map(({ address, zone, subZone, priority = 0, localityWeight }) => {
    const place = subZone === undefined ? zone : `${zone}/${subZone}`;
    return `${address}@${place}: ${priority}${localityWeight === undefined ? "" : ` weighs ${localityWeight}`}`;
  });
}

describe("endpoints", () => {
  const all = [here("a"), there("b", "west", 3, 1), there("c", "north", 1), there("d", "", 1)];

  it("of other zones come second as soon as there is a policy", () => {
    expect(places(arranged("{}", all))).toEqual(["a@east: 0", "b@west: 1", "c@north: 1", "d@: 1"]);
  });

  it("are alike where locality is switched off", () => {
    expect(places(arranged("{disabled: true, localZone: {}}", all))).toEqual(["a@east: 0", "b@west: 0", "c@north: 0", "d@: 0"]);
  });

  it("of other zones are left out unless a step names them", () => {
    expect(places(arranged("{localZone: {}}", all))).toEqual(["a@east: 0 weighs 1"]);
    expect(arranged("{localZone: {}}", all).policy).toEqual({ overprovisioningFactor: 200 });
  });

  it.each([
    ["[{to: {type: Only, zones: [north]}}, {to: {type: Any}}]", ["a@east: 0", "b@west: 2", "c@north: 1", "d@: 2"]],
    ["[{to: {type: AnyExcept, zones: [north, '']}}]", ["a@east: 0", "b@west: 1"]],
    // Priorities have no gaps, whatever steps find nobody: the peer leaves them.
    ["[{to: {type: Only, zones: [south]}}, {to: {type: Only, zones: [west]}}]", ["a@east: 0", "b@west: 1"]],
    ["[{to: {type: None}}, {to: {type: Only, zones: [west]}}]", ["a@east: 0", "b@west: 1"]],
    ["[{from: {zones: [west]}, to: {type: Any}}]", ["a@east: 0"]],
    ["[{from: {zones: [west, east]}, to: {type: Only, zones: [north]}}]", ["a@east: 0", "c@north: 1"]],
  ])("fail over by %s", (failover, expected) => {
    const { endpoints } = arranged(`{crossZone: {failover: ${failover}}}`, all);
    expect(places({ endpoints: endpoints.map(({ localityWeight: _, ...endpoint }) => endpoint) })).toEqual(expected);
  });

  it("behind an egress come with the first step: it goes through the steps by itself", () => {
    const behind = [here("a"), there("b", "egress_12345678", 3)];
    const stepwise = "{crossZone: {failover: [{to: {type: Only, zones: [north]}}]}}";
    expect(arranged(stepwise, behind).endpoints.map(({ address, priority = 0 }) => [address, priority])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
    expect(arranged("{localZone: {}}", behind).endpoints.map(({ address }) => address)).toEqual(["a"]);
  });

  it("of another zone come first when there is nobody here", () => {
    const conf = "{crossZone: {failover: [{to: {type: Only, zones: [north]}}, {to: {type: Any}}]}}";
    expect(places(arranged(conf, all.slice(1)))).toEqual(["b@west: 1", "c@north: 0", "d@: 1"]);
  });

  it.each([
    [70, 100],
    [50, 200],
    [33, 300],
    ['"0.001"', 100_000],
  ])("fail over below %s %%", (percentage, factor) => {
    const { policy: ofAssignment } = arranged(`{crossZone: {failoverThreshold: {percentage: ${percentage}}}}`, all);
    expect(ofAssignment).toEqual({ overprovisioningFactor: factor });
  });
});

describe("affinity", () => {
  const subject = proxy({
    tagSets: [
      { "kuma.io/service": "me", rack: "r1" },
      { "kuma.io/service": "too", rack: "r2" },
    ],
    labels: { node: "n1", rack: "ignored" },
  });
  const conf =
    "{localZone: {affinityTags: [{key: node}, {key: rack}, {key: missing}]}, crossZone: {failover: [{to: {type: Any}}]}}";
  const endpoints = [
    here("a", { rack: "r1" }, { node: "n1", other: "x" }),
    here("b", { rack: "r2" }, { node: "n2" }),
    here("c", { rack: "r3" }),
    there("d", "west", 3),
    there("e", "west", 4),
  ];

  it("the first tag that an endpoint shares counts, with nine of ten parts", () => {
    const result = arranged(conf, endpoints, subject);
    expect(places(result)).toEqual([
      "a@east/node=n1: 0 weighs 900",
      "b@east/rack=r2: 0 weighs 90",
      "c@east: 0 weighs 1",
      "d@west: 1 weighs 7",
      "e@west: 1 weighs 7",
    ]);
    expect(result.endpoints.map(({ labels }) => labels)).toEqual([{ node: "n1" }, { node: "n2" }, ...Array(3).fill(undefined)]);
  });

  it("weights can be given", () => {
    const given = "{localZone: {affinityTags: [{key: node, weight: 7}, {key: rack, weight: 4294967295}]}}";
    const weights = arranged(given, endpoints, subject).endpoints.map(({ localityWeight }) => localityWeight);
    expect(weights).toEqual([7, 1_431_655_765, 1]);
  });

  it("weighs localities in the cluster", () => {
    expect(clusterOf(`{localityAwareness: ${conf}}`, { commonLbConfig: { healthyPanicThreshold: {} } })).toEqual({
      ...emptyCluster,
      commonLbConfig: { healthyPanicThreshold: {}, localityWeightedLbConfig: {} },
    });
    expect(clusterOf("{localityAwareness: {localZone: {}}}")).toEqual(emptyCluster);
  });

  it("is all that is read of a client", () => {
    const [parsed] = policiesFrom(policy("{localityAwareness: {localZone: {affinityTags: [{key: rack}]}}}"));
    expect(affinityTraits(parsed as never)).toEqual([{ tag: "rack" }, { label: "rack" }]);
  });
});

it("a policy for one route leaves the destination alone", () => {
  const hash = "{hashPolicies: [{type: Header, header: {name: x}}]}";
  const route = policiesFrom(
    `{type: MeshHTTPRoute, mesh: default, name: r, spec: {to: [{targetRef: {kind: MeshService, name: web}, rules: []}]}}`,
  );
  const decision = loadBalancingHooks.decide({
    ...{ subject: proxy(), outbound: outbound("web"), routes: ["MeshHTTPRoute/default/r"] },
    world: { ...world, list: (kind) => (kind === "MeshHTTPRoute" ? route : []) },
    policies: policiesFrom(policy(hash, "{kind: MeshHTTPRoute, name: r}")),
  });
  expect(decision?.conf).toEqual({});
  expect(Object.values(decision?.byRoute ?? {})).toEqual([{ routeHash: [{ header: { headerName: "x" } }], connectionHash: [] }]);
});

describe("laws", () => {
  const zone = fc.constantFrom("east", "west", "north", "");
  const anyEndpoint = fc
    .record({ address: fc.ipV4(), zone, weight: fc.integer({ min: 1, max: 5 }), priority: fc.integer({ min: 0, max: 1 }) })
    .map((fields): Endpoint => ({ ...fields, port: 80 }));
  const step = fc.constantFrom("{to: {type: Any}}", "{to: {type: None}}", "{to: {type: Only, zones: [west]}}");
  const conf = fc.oneof(
    fc.constantFrom("{}", "{disabled: true}", "{localZone: {affinityTags: [{key: rack}]}}"),
    fc.array(step, { maxLength: 3 }).map((steps) => `{crossZone: {failover: [${steps.join(", ")}]}}`),
  );

  it("priorities are dense from 0, and no endpoint appears that was not there", () => {
    fc.assert(
      fc.property(conf, fc.array(anyEndpoint, { maxLength: 8 }), (text, endpoints) => {
        const result = arranged(text, endpoints).endpoints;
        const priorities = [...new Set(result.map(({ priority = 0 }) => priority))].sort((a, b) => a - b);
        expect(priorities).toEqual(priorities.map((_, index) => index));
        for (const { address } of result) expect(endpoints.map((each) => each.address)).toContain(address);
      }),
    );
  });

  it("arranging twice changes nothing", () => {
    fc.assert(
      fc.property(conf, fc.array(anyEndpoint, { maxLength: 8 }), (text, endpoints) => {
        const once = arranged(text, endpoints).endpoints;
        expect(arranged(text, once).endpoints).toEqual(once);
      }),
    );
  });
});
