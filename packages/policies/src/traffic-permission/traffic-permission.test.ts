import { describe, expect, it } from "vitest";
import { inboundPolicyReach, planPermission } from "../plan.ts";
import { inbound, policiesFrom, proxy, violationsOf } from "../testing/policies.ts";

const document = (source: string, destination = '{kuma.io/service: "*"}') =>
  `{type: TrafficPermission, mesh: default, name: p, sources: [{match: ${source}}], destinations: [{match: ${destination}}]}`;

function principalsFor(source: string): unknown {
  const { rbac } = planPermission({
    subject: proxy(),
    inbound: inbound("backend"),
    trafficPermissions: policiesFrom(document(source)),
    meshTrafficPermissions: [],
    mesh: "default",
  });
  return (rbac as { rules: { policies: { p: { principals: unknown } } } }).rules.policies.p.principals;
}

describe("principals", () => {
  it.each([
    ["{kuma.io/service: web}", [{ authenticated: { principalName: { exact: "spiffe://default/web" } } }]],
    ["{team: a}", [{ authenticated: { principalName: { exact: "kuma://team/a" } } }]],
    ['{kuma.io/service: "*"}', [{ any: true }]],
    // The peer lets everybody in here; who writes a tag means that it must be there.
    ['{team: "*"}', [{ authenticated: { principalName: { prefix: "kuma://team/" } } }]],
  ])("of %s", (source, expected) => {
    expect(principalsFor(source)).toEqual(expected);
  });
});

it("does not reach into another mesh", () => {
  const trafficPermissions = policiesFrom(document('{kuma.io/service: "*"}')).map((policy) => ({ ...policy, mesh: "other" }));
  const input = {
    subject: proxy(),
    inbound: inbound("backend"),
    trafficPermissions,
    meshTrafficPermissions: [],
    mesh: "default",
  };
  expect(planPermission(input).rbac).toEqual({ rules: {} });
});

it("is refused with every mistake named", () => {
  expect(
    violationsOf('{type: TrafficPermission, mesh: default, name: p, sources: [{match: {}}, {match: {"": x, "a b": ""}}]}'),
  ).toEqual([
    "sources[0].match: must have at least one tag",
    'sources[1].match[""]: tag name must be non-empty',
    'sources[1].match["a b"]: tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores',
    'sources[1].match["a b"]: tag value must be non-empty',
    "destinations: must have at least one element",
  ]);
});

it("tells which inbounds it reaches", () => {
  const reach = (destination: string) => policiesFrom(document("{a: b}", destination)).map(inboundPolicyReach);
  expect(reach("{kuma.io/service: backend, version: v1}")).toEqual([{ services: ["backend"] }]);
  expect(reach("{version: v1}")).toEqual([{ services: "any" }]);
  expect(reach('{kuma.io/service: "*"}')).toEqual([{ services: "any" }]);
});
