import type { Resource } from "@meridian/model";
import { expect, it } from "vitest";
import { dataplane, imageOf, mesh, permission, planFor, put, remove, resource } from "./testing/world.ts";

/** What zones give their data planes, once they say so. */
const identity: Resource = {
  ...resource("MeshIdentity", "everybody", {
    selector: { dataplane: { matchLabels: {} } },
    spiffeID: { trustDomain: "east.example", path: '/app/{{ label "app" }}' },
    provider: { type: "Bundled" },
  }),
  status: { conditions: [{ type: "Ready", status: "True" }] },
};
const trust = resource("MeshTrust", "east", { trustDomain: "east.example", caBundles: [] });

function allow(...apps: readonly string[]): Resource {
  const ids = apps.map((app) => ({ spiffeID: { type: "Exact", value: `spiffe://east.example/app/${app}` } }));
  return resource("MeshTrafficPermission", "by-id", { targetRef: { kind: "Mesh" }, rules: [{ default: { allow: ids } }] });
}

/** magnanimo and ozioso call benigno. */
function world(...more: readonly Resource[]): ReturnType<typeof imageOf> {
  const labelled = (each: Resource, app: string): Resource => ({ ...each, labels: { app } });
  return imageOf(
    "east",
    ...[identity, trust, ...more],
    labelled(dataplane("magnanimo-1", { service: "magnanimo", calls: ["benigno"], host: 1 }), "magnanimo"),
    labelled(dataplane("ozioso-1", { service: "ozioso", calls: ["benigno"], host: 2 }), "ozioso"),
    labelled(dataplane("benigno-1", { service: "benigno", host: 3 }), "benigno"),
  );
}

function texts({ summary, cutOffs }: ReturnType<typeof planFor>): readonly string[] {
  return [...summary, ...cutOffs].map(({ text }) => text);
}

it("a permission that goes is told in a mesh of MeshIdentities without a CA of its own, too", () => {
  const gone = planFor([world(mesh(false), allow("magnanimo"))], [remove(allow())]);
  expect(texts(gone)).toContain("benigno refuses magnanimo, which it lets in now");
  expect(gone.cutOffs.map(({ text }) => text)).toEqual([
    "magnanimo no longer reaches benigno: no permission of benigno lets it in",
  ]);
});

it("who gets in is judged by the id that a client shows", () => {
  const plan = planFor([world(mesh(false), allow("magnanimo"))], [put(allow("ozioso"))]);
  expect(texts(plan)).toContain("benigno refuses magnanimo, which it lets in now");
  expect(texts(plan)).toContain("benigno lets in ozioso, which it refuses now");
  expect(plan.cutOffs.map(({ from, to }) => [from, to])).toEqual([["magnanimo", "benigno"]]);
});

it("a mesh whose CA goes while MeshIdentities stay is neither open nor cut off", () => {
  const plan = planFor([world(mesh(true), allow("magnanimo", "ozioso"))], [put(mesh(false))]);
  expect(texts(plan).slice(0, 2)).toEqual([
    "mesh default: mTLS of its own CA is off, was STRICT with backend ca-1",
    "mesh default: MeshIdentities go on to give certificates",
  ]);
  expect(plan.cutOffs).toEqual([]);
});

it("permissions by tags, which end with the mesh's CA, are missed before", () => {
  const plan = planFor([world(mesh(true), permission("all", "*", "*"))], [put(mesh(false))]);
  expect(plan.cutOffs.map(({ from, to, reason }) => [from, to, reason])).toEqual([
    ["magnanimo", "benigno", "refused"],
    ["ozioso", "benigno", "refused"],
  ]);
});

it("servers of other zones are reached without the mesh's CA where a MeshIdentity gives them their ids", () => {
  const offer = { mesh: "default", tags: { "kuma.io/service": "lontano" }, instances: 1 };
  const ingress = resource(
    "ZoneIngress",
    "west",
    {
      zone: "west",
      networking: { address: "10.1.0.1", port: 10_001, advertisedAddress: "192.0.2.1", advertisedPort: 10_001 },
      availableServices: [offer],
    },
    { "kuma.io/zone": "west" },
  );
  const caller = {
    ...dataplane("curioso-1", { service: "curioso", calls: ["lontano"], host: 4 }),
    labels: { app: "curioso" },
  };
  const service = resource(
    "MeshService",
    "lontano-west",
    {
      selector: { dataplaneTags: { "kuma.io/service": "lontano" } },
      ports: [{ port: 80, targetPort: 8080, appProtocol: "http" }],
      identities: [{ type: "SpiffeID", value: "spiffe://east.example/app/lontano" }],
      state: "Available",
    },
    { "kuma.io/display-name": "lontano", "kuma.io/zone": "west", "kuma.io/origin": "zone" },
  );
  const change = [put(mesh(false))];
  expect(planFor([world(mesh(true), ingress, service, caller)], change).cutOffs).toEqual([]);
  const unknown = planFor([world(mesh(true), ingress, caller)], change);
  expect(unknown.cutOffs.map(({ to, reason }) => [to, reason])).toEqual([["lontano", "no-endpoints"]]);
  const gone = planFor([world(mesh(false), ingress, service, caller)], [remove(ingress)]);
  expect(gone.cutOffs.map(({ from, to, reason }) => [from, to, reason])).toEqual([["curioso", "lontano", "no-endpoints"]]);
});
