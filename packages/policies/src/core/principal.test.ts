import { describe, expect, it } from "vitest";
import { planPermission } from "../plan.ts";
import { policiesFrom } from "../testing/policies.ts";
import { anyone, membersOnly } from "./principal.ts";

const members = ["spiffe://default/", "spiffe://default.east.mesh.local/"];
const ofMesh = { orIds: { ids: members.map((prefix) => ({ authenticated: { principalName: { prefix } } })) } };
const web = { authenticated: { principalName: { exact: "spiffe://default/web" } } };

function rbac(...principals: readonly object[]): Readonly<Record<string, unknown>> {
  return { rules: { policies: { p: { permissions: [{ any: true }], principals } } } };
}

describe("in a mesh that also believes others", () => {
  it("everybody is everybody of the mesh", () => {
    expect(membersOnly(rbac(anyone), members)).toEqual(rbac(ofMesh));
  });

  it("all but one are all others of the mesh", () => {
    expect(membersOnly(rbac({ notId: web }), members)).toEqual(rbac({ andIds: { ids: [ofMesh, { notId: web }] } }));
  });

  it("nobody stays nobody, and what names ids in full stays as it is", () => {
    expect(membersOnly({ rules: {} }, members)).toEqual({ rules: {} });
    expect(membersOnly(rbac(), members)).toEqual(rbac());
    const matcher = { matcher: { onNoMatch: {} } };
    expect(membersOnly(matcher, members)).toEqual(matcher);
  });
});

describe("where clients are known by ids only", () => {
  const inbound = { section: "80", tags: { "kuma.io/service": "api" }, protocol: "http", port: 80 } as const;
  const subject = { mesh: "default", name: "api", zone: "east", labels: {}, tagSets: [inbound.tags] };
  const plan = (text: string) =>
    planPermission({
      ...{ subject, inbound, mesh: "default", knowsIdsOnly: true },
      trafficPermissions: [],
      meshTrafficPermissions: policiesFrom(text),
    });

  it("what speaks of tags lets nobody in", () => {
    const byTags =
      "{type: MeshTrafficPermission, mesh: default, name: p, spec: {from: [{targetRef: {kind: Mesh}, default: {action: Allow}}]}}";
    for (const text of [byTags, ""]) {
      expect(plan(text).rbac).toEqual({
        matcher: { onNoMatch: { action: expect.objectContaining({ name: "envoy.filters.rbac.action" }) } },
      });
    }
  });
});
