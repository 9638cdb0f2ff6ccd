import type { Resource, TargetRef } from "@meridian/model";
import { expect, it } from "vitest";
import { concerns, namesResource } from "./destinations.ts";
import { placedRef } from "./placed-ref.ts";

const orders: Resource = {
  kind: "MeshService",
  mesh: "default",
  name: "orders-x4",
  labels: { "kuma.io/display-name": "orders", team: "a" },
  spec: {},
  version: 1,
  creationTime: "2024-01-01T10:00:00Z",
  modificationTime: "2024-01-01T10:00:00Z",
};

it.each<[string, TargetRef, boolean]>([
  ["its name", { kind: "MeshService", name: "orders-x4" }, true],
  ["the name that its user gave", { kind: "MeshService", name: "orders" }, true],
  ["labels", { kind: "MeshService", labels: { team: "a" } }, true],
  ["other labels", { kind: "MeshService", labels: { team: "b" } }, false],
  ["its port", { kind: "MeshService", name: "orders", sectionName: "http" }, true],
  ["another port", { kind: "MeshService", name: "orders", sectionName: "admin" }, false],
  ["another kind", { kind: "MeshExternalService", name: "orders" }, false],
  ["nothing", { kind: "MeshService" }, false],
])("a real resource goes by %s", (_, ref, expected) => {
  expect(namesResource(ref, orders, "http")).toBe(expected);
});

it("a destination without a resource goes by its tags", () => {
  const destination = { service: "orders", tags: { "kuma.io/service": "orders", version: "v1" } };
  expect(concerns({ kind: "Mesh" }, destination)).toBe(true);
  expect(concerns({ kind: "MeshService", name: "orders" }, destination)).toBe(true);
  expect(concerns({ kind: "MeshService", name: "web" }, destination)).toBe(false);
  expect(concerns({ kind: "MeshServiceSubset", name: "orders", tags: { version: "v1" } }, destination)).toBe(true);
  expect(concerns({ kind: "MeshMultiZoneService", name: "orders" }, destination)).toBe(false);
});

it("a name means what is where the policy was written, wherever the policy is read", () => {
  const inEast = { ...orders, labels: { ...orders.labels, "kuma.io/zone": "east", "k8s.kuma.io/namespace": "shop" } };
  const named = (labels: Readonly<Record<string, string>>, name = "orders") =>
    namesResource(placedRef({ kind: "MeshService", name }, { labels }), inEast);
  expect(named({})).toBe(true);
  expect(named({ "kuma.io/zone": "east" })).toBe(true);
  expect(named({ "kuma.io/zone": "west" })).toBe(false);
  expect(named({ "kuma.io/zone": "east", "k8s.kuma.io/namespace": "bank" })).toBe(false);
  expect(named({ "kuma.io/zone": "east", "k8s.kuma.io/namespace": "kuma-system" })).toBe(true);
  expect(named({ "kuma.io/zone": "west" }, "orders-x4")).toBe(true);
  const ofAllZones: Resource = { ...orders, kind: "MeshMultiZoneService" };
  const fromWest = placedRef({ kind: "MeshMultiZoneService" as const, name: "orders" }, { labels: { "kuma.io/zone": "west" } });
  expect(namesResource(fromWest, ofAllZones)).toBe(true);
});
