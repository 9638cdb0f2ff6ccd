import { Type } from "@sinclair/typebox";
import { expect, it } from "vitest";
import { effectivePolicyKinds, policies } from "../policies.ts";
import { definePolicy, isEffective, type PolicyApply } from "./define-policy.ts";

const notApplied = "MeshSample is stored and synced, but this version does not apply it to proxies yet";

const context = { mesh: "default", name: "a", labels: {} };

function sample(apply: PolicyApply) {
  return definePolicy<{ readonly old?: boolean }>({
    order: 1,
    definition: {
      kind: "MeshSample",
      path: "meshsamples",
      singularDisplayName: "Mesh Sample",
      pluralDisplayName: "Mesh Samples",
      style: "spec",
      schema: Type.Object({}),
      warnings: ({ old }) => (old ? ["old is deprecated"] : []),
      example: "",
    },
    apply,
  });
}

it("warns of a policy that shapes no proxy, after the kind's own warnings", () => {
  expect(sample({}).definition.warnings?.({ old: true }, context)).toEqual(["old is deprecated", notApplied]);
  expect(sample({}).definition.warnings?.({}, context)).toEqual([notApplied]);
  expect(sample({ planOutbound: () => undefined }).definition.warnings?.({}, context)).toEqual([]);
});

it("knows the kinds that shape proxies", () => {
  expect(effectivePolicyKinds).toEqual(policies.filter(isEffective).map(({ definition }) => definition));
  expect(effectivePolicyKinds.map(({ kind }) => kind)).toContain("TrafficRoute");
});
