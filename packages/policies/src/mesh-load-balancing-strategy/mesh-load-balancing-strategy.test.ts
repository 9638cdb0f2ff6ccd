import { describe, expect, it } from "vitest";
import { violationsOf, warningsOf } from "../testing/policies.ts";

const document = (spec: string) => `{type: MeshLoadBalancingStrategy, mesh: default, name: p, spec: ${spec}}`;
const to = (ref: string, conf: string) => document(`{to: [{targetRef: ${ref}, default: ${conf}}]}`);
const toMesh = (conf: string) => to("{kind: Mesh}", conf);
const locality = (conf: string) => toMesh(`{localityAwareness: ${conf}}`);
const failover = (steps: string) => locality(`{crossZone: {failover: [${steps}]}}`);
const at = "spec.to[0].default";
const step = `${at}.localityAwareness.crossZone.failover`;

describe("validation of destinations", () => {
  it.each([
    [document("{}"), ["spec.to: needs at least one item"]],
    [
      document(
        "{targetRef: {kind: MeshGateway, name: g}, to: [{targetRef: {kind: MeshService, name: a}, default: {loadBalancer: {type: Random}}}]}",
      ),
      ["spec.to[0].targetRef.kind: value is not supported, only Mesh is allowed if loadBalancer is set"],
    ],
    [
      document("{targetRef: {kind: MeshGateway, name: g}, to: [{targetRef: {kind: MeshHTTPRoute, name: a}}]}"),
      ["spec.to[0].targetRef.kind: value 'MeshHTTPRoute' is not supported"],
    ],
    [
      document("{targetRef: {kind: MeshSubset}, to: [{targetRef: {kind: MeshExternalService, name: a}}]}"),
      [
        "spec.to[0].targetRef.kind: kind MeshExternalService is only allowed with targetRef.kind: Mesh as it is configured on the Zone Egress and shared by all clients in the mesh",
      ],
    ],
    [
      to("{kind: MeshHTTPRoute, name: r}", "{loadBalancer: {type: Random}, localityAwareness: {disabled: true}}"),
      ["loadBalancer", "localityAwareness"].map(
        (field) => `${at}.${field}: field is not allowed when targetRef.kind is MeshHTTPRoute, only hashPolicies is supported`,
      ),
    ],
    [
      to("{kind: MeshService, name: a, sectionName: http}", "{localityAwareness: {crossZone: {}}}"),
      [`${at}.localityAwareness.crossZone: must not be set: MeshService traffic is local`],
    ],
  ])("refuses %s", (yaml, expected) => {
    expect(violationsOf(yaml)).toEqual(expected);
  });

  it.each([
    to("{kind: MeshService, name: a}", "{localityAwareness: {crossZone: {}}}"),
    to("{kind: MeshExternalService, name: a}", "{loadBalancer: {type: Maglev}}"),
    to("{kind: MeshHTTPRoute, name: a}", "{hashPolicies: [{type: Header, header: {name: a}}]}"),
    document(
      "{targetRef: {kind: MeshGateway, name: g}, to: [{targetRef: {kind: MeshMultiZoneService, name: a}, default: {localityAwareness: {disabled: true}}}]}",
    ),
  ])("takes %s", (yaml) => {
    expect(violationsOf(yaml)).toEqual([]);
  });
});

describe("validation of load balancers", () => {
  const missing = (path: string) =>
    ["header", "cookie", "connection", "connection", "queryParameter", "filterState"].map(
      (field, index) => `${at}.${path}[${index}].${field}: must be defined`,
    );
  const empty = ["Header", "Cookie", "Connection", "SourceIP", "QueryParameter", "FilterState"].map((type) => `{type: ${type}}`);

  it.each([
    [toMesh(`{hashPolicies: [${empty}]}`), missing("hashPolicies")],
    [
      toMesh(`{loadBalancer: {type: RingHash, ringHash: {hashPolicies: [${empty}]}}}`),
      missing("loadBalancer.ringHash.hashPolicies"),
    ],
    [toMesh(`{loadBalancer: {type: Maglev, maglev: {hashPolicies: [${empty}]}}}`), missing("loadBalancer.maglev.hashPolicies")],
    [
      toMesh("{hashPolicies: [{type: Cookie, cookie: {name: a, path: b}}]}"),
      [`${at}.hashPolicies[0].cookie.path: must be an absolute path`],
    ],
    [
      toMesh("{loadBalancer: {type: Maglev, maglev: {hashPolicies: []}, ringHash: {hashPolicies: []}}, hashPolicies: []}"),
      ["ringHash", "maglev"].map(
        (kind) => `${at}.loadBalancer.${kind}.hashPolicies: hashPolicies already specified in the root level`,
      ),
    ],
    [
      toMesh('{loadBalancer: {type: LeastRequest, leastRequest: {activeRequestBias: "-0.1"}}}'),
      [`${at}.loadBalancer.leastRequest.activeRequestBias: must be greater or equal then: 0`],
    ],
    [
      toMesh("{loadBalancer: {type: LeastRequest, leastRequest: {activeRequestBias: much}}}"),
      [`${at}.loadBalancer.leastRequest.activeRequestBias: string must be a valid number`],
    ],
    [
      toMesh("{loadBalancer: {type: LeastRequest, leastRequest: {choiceCount: 1}}}"),
      [`${at}.loadBalancer.leastRequest.choiceCount: in body should be greater than or equal to 2`],
    ],
    [
      toMesh("{loadBalancer: {type: RingHash, ringHash: {minRingSize: 0, maxRingSize: 8000001}}}"),
      [
        `${at}.loadBalancer.ringHash.minRingSize: in body should be greater than or equal to 1`,
        `${at}.loadBalancer.ringHash.maxRingSize: in body should be less than or equal to 8000000`,
      ],
    ],
    [
      toMesh("{loadBalancer: {type: Maglev, maglev: {tableSize: 5000012}}}"),
      [`${at}.loadBalancer.maglev.tableSize: in body should be less than or equal to 5000011`],
    ],
  ])("refuses %s", (yaml, expected) => {
    expect(violationsOf(yaml)).toEqual(expected);
  });
});

describe("validation of locality", () => {
  it.each([
    [
      locality('{localZone: {affinityTags: [{key: "", weight: 0}, {key: a}]}}'),
      [
        `${at}.localityAwareness.localZone.affinityTags[0].key: must not be empty`,
        `${at}.localityAwareness.localZone.affinityTags[0].weight: must be greater than 0`,
        `${at}.localityAwareness.localZone.affinityTags: all or none affinity tags should have weight`,
      ],
    ],
    [
      failover('{from: {zones: []}, to: {type: None}}, {from: {zones: [a, ""]}, to: {type: Any}}'),
      [`${step}[0].from.zones: must not be empty`, `${step}[1].from.zones[1]: must not be empty`],
    ],
    [
      failover(
        "{to: {type: Any, zones: [a]}}, {to: {type: None, zones: [a]}}, {to: {type: Only}}, {to: {type: AnyExcept, zones: []}}",
      ),
      [
        `${step}[0].to.zones: must be empty when type is Any`,
        `${step}[1].to.zones: must be empty when type is None`,
        `${step}[2].to.zones: must not be empty when type is Only`,
        `${step}[3].to.zones: must not be empty when type is AnyExcept`,
      ],
    ],
    [failover("{to: {}}"), [`${step}[0].to.type: in body is required`]],
    [
      locality("{crossZone: {failoverThreshold: {percentage: 0}}}"),
      [`${at}.localityAwareness.crossZone.failoverThreshold.percentage: must be greater than 0`],
    ],
  ])("refuses %s", (yaml, expected) => {
    expect(violationsOf(yaml)).toEqual(expected);
  });

  it.each([
    locality("{localZone: {affinityTags: [{key: a, weight: 9}, {key: b, weight: 1}]}}"),
    failover("{to: {type: Only, zones: [a]}}, {to: {type: None, zones: []}}"),
    locality('{crossZone: {failoverThreshold: {percentage: "0.5"}}}'),
  ])("takes %s", (yaml) => {
    expect(violationsOf(yaml)).toEqual([]);
  });
});

it("warns of SourceIP", () => {
  const policies = "[{type: SourceIP, connection: {sourceIP: true}}]";
  const yaml = toMesh(`{loadBalancer: {type: Maglev, maglev: {hashPolicies: ${policies}}}}`);
  expect(warningsOf(yaml)[0]).toBe(
    `SourceIP type for '${at}.loadBalancer.maglev.hashPolicies[0].type' is deprecated, use Connection instead`,
  );
});
