import { expect, it } from "vitest";
import { violationsOf, warningsOf } from "../testing/policies.ts";

const timeout = (role: string, targetRef: string, to = "Mesh") =>
  `{type: MeshTimeout, mesh: default, name: t, labels: {kuma.io/policy-role: ${role}},
    spec: {targetRef: ${targetRef}, to: [{targetRef: {kind: ${to}}, default: {http: {requestTimeout: 1s}}}]}}`;

it.each(["producer", "consumer", "workload-owner"])("a policy of a %s may not aim at gateways and routes", (role) => {
  for (const kind of ["MeshGateway", "MeshHTTPRoute"]) {
    expect(violationsOf(timeout(role, `{kind: ${kind}, name: x}`))).toEqual([
      `spec.targetRef.kind: value '${kind}' is not supported for policies with the role ${role}`,
    ]);
  }
  expect(violationsOf(timeout(role, "{kind: Dataplane, labels: {app: web}}"))).toEqual([]);
});

it("one of the operator may", () => {
  expect(violationsOf(timeout("system", "{kind: MeshGateway, name: x}"))).toEqual([]);
});

it("what the kind refuses anyway is told once", () => {
  const document = "{type: MeshTLS, mesh: default, name: t, labels: {kuma.io/policy-role: consumer}, spec: {targetRef: ";
  expect(violationsOf(`${document}{kind: MeshGateway, name: x}, rules: [{default: {mode: Strict}}]}}`)).toEqual([
    "spec.targetRef.kind: value 'MeshGateway' is not supported",
  ]);
});

it("warns of a role that nobody knows: such a policy counts as the operator's", () => {
  const [warning] = warningsOf(timeout("boss", "{kind: Mesh}")).filter((text) => text.includes("boss"));
  expect(warning).toBe(
    'labels["kuma.io/policy-role"] "boss" is not known, so it counts as system: use system, producer, consumer, workload-owner',
  );
  expect(warningsOf(timeout("producer", "{kind: Mesh}")).filter((text) => text.includes("policy-role"))).toEqual([]);
});
