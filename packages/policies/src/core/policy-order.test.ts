import type { Resource, TargetRef } from "@meridian/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparePolicies, orderToItems } from "./policy-order.ts";
import type { TargetRefSpec } from "./target-ref.ts";

function policy(
  name: string,
  targetRef: TargetRefSpec["targetRef"],
  labels: Readonly<Record<string, string>> = {},
): Resource<TargetRefSpec> {
  const time = "2024-01-01T10:00:00Z";
  return {
    kind: "MeshTimeout",
    mesh: "default",
    name,
    labels,
    spec: { targetRef },
    version: 1,
    creationTime: time,
    modificationTime: time,
  };
}

const zone = { "kuma.io/origin": "zone" };
const ascending: readonly Resource<TargetRefSpec>[] = [
  policy("b", { kind: "Mesh" }),
  policy("a", { kind: "Mesh" }),
  policy("c", { kind: "Mesh" }, { "kuma.io/policy-role": "producer" }),
  policy("d", { kind: "Mesh" }, { "kuma.io/policy-role": "consumer" }),
  policy("e", { kind: "Mesh" }, { "kuma.io/policy-role": "workload-owner" }),
  policy("f", { kind: "Mesh" }, zone),
  policy("g", { kind: "Dataplane" }),
  policy("h", { kind: "Dataplane", labels: { app: "web" } }),
  policy("i", { kind: "Dataplane", labels: { app: "web" }, sectionName: "http" }),
  policy("j", { kind: "Dataplane", name: "web-1" }),
  policy("k", { kind: "MeshSubset", tags: { team: "a" } }),
  policy("l", { kind: "MeshService", name: "web" }),
  policy("m", { kind: "MeshServiceSubset", name: "web" }),
];

describe("comparePolicies", () => {
  it("knows which policy overrides which (reference: policies-envoy.md 2.1; worked examples A and E)", () => {
    const shuffles = fc.shuffledSubarray([...ascending], { minLength: ascending.length, maxLength: ascending.length });
    fc.assert(
      fc.property(shuffles, (shuffled) => {
        expect(shuffled.toSorted(comparePolicies).map(({ name }) => name)).toEqual(ascending.map(({ name }) => name));
      }),
    );
  });

  it("goes by the display name", () => {
    const renamed = policy("a-hash", { kind: "Mesh" }, { "kuma.io/display-name": "z" });
    expect(comparePolicies(renamed, policy("b", { kind: "Mesh" }))).toBeLessThan(0);
  });
});

describe("orderToItems", () => {
  it("puts the entry for the service over the entry for the mesh (worked example B)", () => {
    const retry = (name: string, targetRef: TargetRef, retries: number) => ({
      ...policy(name, undefined),
      spec: { to: [{ targetRef, retries }] },
    });
    const x = retry("x", { kind: "Mesh" }, 5);
    const y = retry("y", { kind: "MeshService", name: "backend" }, 2);
    expect(orderToItems([y, x]).map(({ item }) => item.retries)).toEqual([5, 2]);
  });
});
