import type { Resource, TargetRef } from "@meridian/model";
import { expect, it } from "vitest";
import { concerns, namesResource } from "./destinations.ts";

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
