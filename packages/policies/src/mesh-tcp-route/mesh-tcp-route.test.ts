import { describe, expect, it } from "vitest";
import type { RoutePlan } from "../core/types.ts";
import { planOutbound } from "../plan.ts";
import { outbound, policiesFrom, proxy, readBack, violationsOf, warningsOf } from "../testing/policies.ts";

const document = (spec: string) => `{type: MeshTCPRoute, mesh: default, name: p, spec: ${spec}}`;
const toDatabase = (rules: string) => `{to: [{targetRef: {kind: MeshService, name: db}, rules: ${rules}}]}`;
const backends = (refs: string) => toDatabase(`[{default: {backendRefs: [${refs}]}}]`);
const backendPath = "spec.to[0].rules[0].default.backendRefs";

describe("validation", () => {
  it.each([
    ["{to: []}", ["spec.to: in body should have at least 1 items"]],
    ["{to: [{targetRef: {kind: MeshService, name: db}}]}", ["spec.to[0].rules: in body is required"]],
    [toDatabase("[{default: {}}, {default: {}}]"), ["spec.to[0].rules: in body should have at most 1 items"]],
    [toDatabase("[{}]"), ["spec.to[0].rules[0].default: in body is required"]],
    [toDatabase("[{default: {}}]"), [`${backendPath}: must be defined`]],
    [backends(""), [`${backendPath}: must be defined`]],
    [
      backends("{kind: Mesh}, {kind: MeshServiceSubset, tags: {v: a}}, {kind: MeshMultiZoneService, name: db}"),
      [
        `${backendPath}[0].kind: value 'Mesh' is not supported`,
        `${backendPath}[1].name: must be set with kind MeshServiceSubset`,
        `${backendPath}[2].port: must be defined with kind MeshMultiZoneService`,
      ],
    ],
    [
      backends("{kind: MeshService, name: db, weight: -1}"),
      [`${backendPath}[0].weight: in body should be greater than or equal to 0`],
    ],
    ["{targetRef: {kind: MeshHTTPRoute, name: r}}", ["spec.targetRef.kind: value 'MeshHTTPRoute' is not supported"]],
    ["{targetRef: {kind: Dataplane, sectionName: a}}", ["spec.targetRef.sectionName: can only be used with inbound policies"]],
    ["{to: [{targetRef: {kind: Mesh}, rules: []}]}", ["spec.to[0].targetRef.kind: value 'Mesh' is not supported"]],
    [
      "{targetRef: {kind: MeshGateway, name: g}, to: [{targetRef: {kind: MeshService, name: db}, rules: []}]}",
      ["spec.to[0].targetRef.kind: value 'MeshService' is not supported"],
    ],
  ])("refuses %s", (spec, expected) => {
    expect(violationsOf(document(spec))).toEqual(expected);
  });

  it.each([
    "{}",
    toDatabase("[]"),
    backends("{kind: MeshService, name: db, port: 5432}, {kind: MeshExternalService, name: out, weight: 0}"),
    "{targetRef: {kind: MeshGateway, name: g, tags: {port: a}}, to: [{targetRef: {kind: Mesh}, rules: [{default: {backendRefs: [{kind: MeshService, name: db}]}}]}]}",
  ])("takes %s", (spec) => {
    expect(violationsOf(document(spec))).toEqual([]);
  });
});

it("fills in the weight", () => {
  const [policy] = policiesFrom(document(backends("{kind: MeshService, name: db}")));
  if (!policy) throw new Error("a policy expected");
  expect(policy.spec).toMatchObject({
    to: [{ rules: [{ default: { backendRefs: [{ kind: "MeshService", name: "db", weight: 1 }] } }] }],
  });
  expect(readBack(policy)?.spec).toEqual(policy.spec);
});

it("warns of deprecated top-level kinds", () => {
  expect(warningsOf(document("{targetRef: {kind: MeshService, name: web}}"))[0]).toContain("is deprecated");
});

describe("the route of an outbound", () => {
  const subset = (version: string, weight: number) =>
    `{kind: MeshServiceSubset, name: db, tags: {version: ${version}}, weight: ${weight}}`;
  const http =
    "{type: MeshHTTPRoute, mesh: default, name: h, spec: {to: [{targetRef: {kind: MeshService, name: db}, rules: []}]}}";
  const plan = (protocol: "tcp" | "http", ...documents: readonly string[]) =>
    planOutbound({
      subject: proxy(),
      outbound: outbound("db", { protocol }),
      policiesOf: (kind) => policiesFrom(documents.join("\n---\n")).filter((policy) => policy.kind === kind),
      meshHasTrafficRoutes: false,
      backendOf: () => undefined,
    }) as RoutePlan;

  it("splits connections by weight, and keeps the cluster of a backend of weight 0 ready", () => {
    const { entries, idle, protocol } = plan("tcp", document(backends(`${subset("v1", 90)}, ${subset("v2", 0)}`)));
    expect(entries).toEqual([
      expect.objectContaining({ destinations: [{ weight: 90, tags: { "kuma.io/service": "db", version: "v1" } }] }),
    ]);
    expect(idle).toEqual([{ tags: { "kuma.io/service": "db", version: "v2" } }]);
    expect(protocol).toBeUndefined();
  });

  it("treats a service that speaks HTTP as bytes, unless a MeshHTTPRoute has a say", () => {
    const route = document(backends(subset("v1", 1)));
    expect(plan("http", route)).toMatchObject({ protocol: "tcp", origins: ["MeshTCPRoute/default/p"] });
    expect(plan("http", route, http)).toMatchObject({ origins: ["MeshHTTPRoute/default/h"] });
    expect(plan("tcp", route, http)).toMatchObject({ origins: ["MeshTCPRoute/default/p"] });
  });

  it("leads back to the destination without rules", () => {
    expect(plan("tcp", document(toDatabase("[]"))).entries[0]?.destinations).toEqual([
      { weight: 1, tags: { "kuma.io/service": "db" } },
    ]);
  });
});
