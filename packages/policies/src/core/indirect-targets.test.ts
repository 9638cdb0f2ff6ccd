import type { Resource } from "@meridian/model";
import { expect, it } from "vitest";
import { policiesFrom, proxy } from "../testing/policies.ts";
import { type SelectionContext, selectsProxyOrParts } from "./indirect-targets.ts";
import type { TargetRefSpec } from "./target-ref.ts";

const routes = policiesFrom(`{type: MeshHTTPRoute, mesh: default, name: canary, labels: {team: a}, spec: {
  targetRef: {kind: MeshSubset, tags: {kuma.io/service: web}},
  to: [{targetRef: {kind: MeshService, name: orders}, rules: [{matches: [{path: {type: PathPrefix, value: /}}], default: {}}]}]}}
`) as readonly Resource<TargetRefSpec>[];

const edge: Resource = {
  kind: "MeshGateway",
  mesh: "default",
  name: "edge",
  labels: {},
  spec: {},
  version: 1,
  creationTime: "2024-01-01T10:00:00Z",
  modificationTime: "2024-01-01T10:00:00Z",
};

function selects(targetRef: string, context: Partial<SelectionContext>, tags = { "kuma.io/service": "web" }): boolean {
  const [policy] = policiesFrom(
    `{type: MeshTimeout, mesh: default, name: p, spec: {targetRef: ${targetRef}, to: [{targetRef: {kind: Mesh}, default: {http: {requestTimeout: 1s}}}]}}`,
  ) as readonly Resource<TargetRefSpec>[];
  if (!policy) throw new Error("a policy expected");
  return selectsProxyOrParts(policy, proxy({ tagSets: [tags] }), { routes, ...context });
}

it("selects through a route the proxies that have the route", () => {
  expect(selects("{kind: MeshHTTPRoute, name: canary}", {})).toBe(true);
  expect(selects("{kind: MeshHTTPRoute, name: canary}", {}, { "kuma.io/service": "api" })).toBe(false);
  expect(selects("{kind: MeshHTTPRoute, name: other}", {})).toBe(false);
});

it("selects a gateway by name and its listeners by tags", () => {
  const gateway = { resource: edge, listenerTags: [{ "kuma.io/service": "edge", door: "plain" }] };
  const tags = { "kuma.io/service": "edge" };
  expect(selects("{kind: MeshGateway, name: edge}", { gateway }, tags)).toBe(true);
  expect(selects("{kind: MeshGateway, name: edge, tags: {door: plain}}", { gateway }, tags)).toBe(true);
  expect(selects("{kind: MeshGateway, name: edge, tags: {door: tls}}", { gateway }, tags)).toBe(false);
  expect(selects("{kind: MeshGateway, name: other}", { gateway }, tags)).toBe(false);
  expect(selects("{kind: MeshSubset, tags: {door: plain}}", { gateway }, tags)).toBe(true);
  expect(selects("{kind: Dataplane, labels: {}}", { gateway }, tags)).toBe(false);
});
