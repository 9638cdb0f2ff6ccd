import type { Resource } from "@meridian/model";
import { expect, it } from "vitest";
import { policiesFrom } from "../testing/policies.ts";
import { type FromSpec, fromConfs } from "./from-confs.ts";

function permissions(from: readonly string[]): readonly Resource<FromSpec>[] {
  const items = from.map((tags) => `{targetRef: {kind: MeshSubset, tags: ${tags}}, default: {action: Allow}}`);
  return policiesFrom(
    `{type: MeshTrafficPermission, mesh: default, name: p, spec: {from: [${items.join(", ")}]}}`,
  ) as readonly Resource<FromSpec>[];
}

it("merges what concerns the same clients and says where it comes from", () => {
  const policies = policiesFrom(`{type: MeshTrafficPermission, mesh: default, name: b, spec: {from: [
  {targetRef: {kind: Mesh}, default: {action: Allow}}]}}
---
{type: MeshTrafficPermission, mesh: default, name: a, spec: {from: [
  {targetRef: {kind: MeshSubset, tags: {kuma.io/service: web}}, default: {action: Deny}}]}}
`) as readonly Resource<FromSpec>[];
  const rules = fromConfs(policies);
  if (rules === "too many") throw new Error("two rules expected");
  expect(
    rules.map(({ positive, negative, conf, entries }) => [positive, negative, conf, entries.map((e) => e.policy.name)]),
  ).toEqual([
    [{ "kuma.io/service": "web" }, {}, { action: "Deny" }, ["b", "a"]],
    [{}, { "kuma.io/service": ["web"] }, { action: "Allow" }, ["b"]],
  ]);
});

it("gives up before combinations explode", () => {
  const keys = ["a", "b", "c", "d", "e"];
  const entries = keys.flatMap((key) => Array.from({ length: 10 }, (_, value) => `{${key}: v${value}}`));
  expect(fromConfs(permissions(entries))).toBe("too many");
  expect(fromConfs([])).toEqual([]);
});
