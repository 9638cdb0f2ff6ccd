import type { Labels, MeshIdentitySpec, Resource } from "@meridian/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meshIdentitiesFor, readMeshIdentity, spiffeIdOf, spiffeIdsOf } from "./mesh-identity.ts";

function identity(name: string, spec: Partial<MeshIdentitySpec>, labels: Labels = {}): Resource<MeshIdentitySpec> {
  const provider: MeshIdentitySpec["provider"] = { type: "Bundled", bundled: { autogenerate: { enabled: true } } };
  const times = { creationTime: "2026-01-01T00:00:00Z", modificationTime: "2026-01-01T00:00:00Z" };
  return { kind: "MeshIdentity", mesh: "default", name, labels, spec: { provider, ...spec }, version: 1, ...times };
}

const selecting = (matchLabels: Labels) => ({ selector: { dataplane: { matchLabels } } });
const read = (name: string, spec: Partial<MeshIdentitySpec>, labels?: Labels) =>
  readMeshIdentity(identity(name, spec, labels), "east");

describe("selection", () => {
  const all = read("all", selecting({}));
  const web = read("web", selecting({ app: "web" }));
  const also = read("also-web", selecting({ app: "web" }));
  const nobody = read("nobody", {});
  const exact = read("exact", selecting({ app: "web", version: "v1" }));

  const chosen = (labels: Labels) =>
    meshIdentitiesFor(labels, [all, web, also, nobody, exact]).map(({ resource }) => resource.name);

  it("takes the one that asks for most labels, then by name; an absent selector selects nobody", () => {
    expect(chosen({ app: "web", version: "v1" })).toEqual(["exact", "also-web", "web", "all"]);
    expect(chosen({ app: "web" })).toEqual(["also-web", "web", "all"]);
    expect(chosen({})).toEqual(["all"]);
  });

  it("does not depend on the order in which identities came", () => {
    const identities = [all, web, also, nobody, exact];
    fc.assert(
      fc.property(fc.shuffledSubarray(identities, { minLength: identities.length }), (shuffled) => {
        expect(meshIdentitiesFor({ app: "web" }, shuffled)).toEqual(meshIdentitiesFor({ app: "web" }, identities));
      }),
    );
  });
});

describe("SPIFFE id", () => {
  const idOf = (spec: Partial<MeshIdentitySpec>, labels: Labels, own: Labels = {}) =>
    spiffeIdOf(read("id", { ...selecting({}), ...spec }, own), labels);

  it.each<[string, Partial<MeshIdentitySpec>, Labels, string]>([
    ["the peer's default", {}, { "kuma.io/workload": "web" }, "spiffe://default.east.mesh.local/workload/web"],
    [
      "its default on Kubernetes",
      {},
      { "kuma.io/env": "kubernetes", "k8s.kuma.io/namespace": "shop", "k8s.kuma.io/service-account": "web" },
      "spiffe://default.east.mesh.local/ns/shop/sa/web",
    ],
    [
      "templates of one's own",
      { spiffeID: { trustDomain: "{{ .Zone }}.example", path: '/{{ label "team" }}/web' } },
      { team: "a" },
      "spiffe://east.example/a/web",
    ],
  ])("by %s", (_name, spec, labels, expected) => {
    expect(idOf(spec, labels)).toEqual({ ok: expected });
  });

  it("is of the zone that the identity belongs to", () => {
    expect(idOf({}, { "kuma.io/workload": "web" }, { "kuma.io/zone": "west" })).toEqual({
      ok: "spiffe://default.west.mesh.local/workload/web",
    });
  });

  it.each<[Partial<MeshIdentitySpec>, Labels, RegExp]>([
    [{}, {}, /^there is no label "kuma\.io\/workload", which \{\{ \.Workload \}\} stands for$/],
    [{}, { "kuma.io/env": "kubernetes", "k8s.kuma.io/namespace": "a" }, /no label "k8s\.kuma\.io\/service-account"/],
    [{ spiffeID: { path: "/{{ .Workload }}/.." } }, { "kuma.io/workload": "web" }, /"\/web\/\.\." is not the path/],
    [{ spiffeID: { path: "web" } }, {}, /is not a trust domain|is not the path/],
    [{ spiffeID: { path: "/a/../b" } }, {}, /is not the path/],
    [{ spiffeID: { trustDomain: "Example" } }, {}, /"Example" is not a trust domain/],
    [{ spiffeID: { path: '/{{ label "team" }}' } }, {}, /there is no label "team"/],
  ])("%j of %j is told to be impossible", (spec, labels, problem) => {
    expect(idOf(spec, labels)).toEqual({ problem: expect.stringMatching(problem) });
  });
});

it("knows every id that clients may find while a data plane moves from one identity to another", () => {
  const identities = [
    read("all", { ...selecting({}), spiffeID: { path: "/all" } }),
    read("web", { ...selecting({ app: "web" }), spiffeID: { path: "/web" } }),
    read("broken", { ...selecting({}), spiffeID: { path: '/{{ label "missing" }}' } }),
  ];
  expect(spiffeIdsOf({ app: "web" }, identities)).toEqual([
    "spiffe://default.east.mesh.local/all",
    "spiffe://default.east.mesh.local/web",
  ]);
});
