import type { Resource, TargetRef } from "@meridian/model";
import { describe, expect, it } from "vitest";
import { inbound, proxy } from "../testing/policies.ts";
import { selectsByIdentity, selectsInbound, selectsProxy, type TargetRefSpec } from "./target-ref.ts";

function policy(targetRef: TargetRef | undefined, labels: Readonly<Record<string, string>> = {}): Resource<TargetRefSpec> {
  const time = "2024-01-01T10:00:00Z";
  return {
    kind: "MeshTimeout",
    mesh: "default",
    name: "p",
    labels,
    spec: { targetRef },
    version: 1,
    creationTime: time,
    modificationTime: time,
  };
}

const web = proxy({ labels: { app: "web", "kuma.io/display-name": "web" } });

describe("a top-level reference selects proxies", () => {
  it.each<[string, TargetRef | undefined, boolean]>([
    ["none: the mesh", undefined, true],
    ["Mesh", { kind: "Mesh" }, true],
    ["Mesh, gateways only", { kind: "Mesh", proxyTypes: ["Gateway"] }, false],
    ["Mesh, sidecars", { kind: "Mesh", proxyTypes: ["Sidecar"] }, true],
    ["MeshSubset", { kind: "MeshSubset", tags: { "kuma.io/zone": "east" } }, true],
    ["MeshSubset without tags", { kind: "MeshSubset" }, true],
    ["MeshSubset of others", { kind: "MeshSubset", tags: { "kuma.io/zone": "west" } }, false],
    ["MeshService", { kind: "MeshService", name: "web" }, true],
    ["MeshServiceSubset", { kind: "MeshServiceSubset", name: "web", tags: { "kuma.io/zone": "west" } }, false],
    ["Dataplane", { kind: "Dataplane" }, true],
    ["Dataplane by labels", { kind: "Dataplane", labels: { app: "web" } }, true],
    ["Dataplane by other labels", { kind: "Dataplane", labels: { app: "api" } }, false],
    ["Dataplane by name", { kind: "Dataplane", name: "web-1" }, true],
    ["Dataplane by display name", { kind: "Dataplane", name: "web" }, true],
    ["Dataplane by another name", { kind: "Dataplane", name: "api" }, false],
    ["MeshGateway", { kind: "MeshGateway", name: "edge" }, false],
  ])("%s", (_, ref, expected) => {
    expect(selectsProxy(policy(ref), web)).toBe(expected);
  });
});

describe("a top-level reference selects inbounds", () => {
  it("by the tags of the inbound, not of the proxy", () => {
    const ref: TargetRef = { kind: "MeshSubset", tags: { "kuma.io/service": "web" } };
    expect(selectsInbound(policy(ref), web, inbound("web"))).toBe(true);
    expect(selectsInbound(policy(ref), web, inbound("metrics"))).toBe(false);
  });

  it("by section name", () => {
    const ref = (sectionName: string): TargetRef => ({ kind: "Dataplane", labels: { app: "web" }, sectionName });
    expect(selectsInbound(policy(ref("8080")), web, inbound("web"))).toBe(true);
    expect(selectsInbound(policy(ref("9090")), web, inbound("web"))).toBe(false);
  });
});

describe("a policy stays in its scope", () => {
  it.each<[string, Readonly<Record<string, string>>, boolean]>([
    ["shadow", { "kuma.io/effect": "shadow" }, false],
    ["another zone's own", { "kuma.io/origin": "zone", "kuma.io/zone": "west" }, false],
    ["this zone's own", { "kuma.io/origin": "zone", "kuma.io/zone": "east" }, true],
    ["a producer's", { "kuma.io/origin": "zone", "kuma.io/zone": "west", "kuma.io/policy-role": "producer" }, true],
    ["a consumer's of another namespace", { "kuma.io/policy-role": "consumer", "k8s.kuma.io/namespace": "other" }, false],
  ])("%s", (_, labels, expected) => {
    expect(selectsProxy(policy(undefined, labels), web)).toBe(expected);
  });

  it("of its mesh", () => {
    expect(selectsProxy({ ...policy(undefined), mesh: "other" }, web)).toBe(false);
  });
});

it("knows when equal tags are not enough to share a config", () => {
  expect(selectsByIdentity(policy({ kind: "MeshSubset", tags: { a: "b" } }))).toBe(false);
  expect(selectsByIdentity(policy({ kind: "Dataplane", labels: { a: "b" } }))).toBe(true);
});
