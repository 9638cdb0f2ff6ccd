import type { Resource } from "@meridian/model";
import { expect, it } from "vitest";
import { ask, dataplane, linesOf, plainMesh, resource, zone } from "./testing/mesh.ts";

/** What the zone gives its data planes, once it says so. */
const identity: Resource = {
  ...resource("MeshIdentity", "everybody", {
    selector: { dataplane: { matchLabels: {} } },
    spiffeID: { trustDomain: "east.example", path: '/app/{{ label "app" }}' },
    provider: { type: "Bundled" },
  }),
  status: { conditions: [{ type: "Ready", status: "True" }] },
};
const trust = resource("MeshTrust", "east", { trustDomain: "east.example", caBundles: [] });

function labelled(each: Resource, app: string): Resource {
  return { ...each, labels: { ...each.labels, app } };
}

const benigno = resource("MeshService", "benigno", {
  selector: { dataplaneTags: { "kuma.io/service": "benigno" } },
  ports: [{ port: 80, targetPort: 8080, appProtocol: "http" }],
  identities: [{ type: "SpiffeID", value: "spiffe://east.example/app/benigno" }],
  state: "Available",
});
const world = [
  plainMesh,
  zone("east"),
  identity,
  trust,
  benigno,
  labelled(dataplane("magnanimo-1", { service: "magnanimo", calls: ["benigno"], host: 1 }), "magnanimo"),
  labelled(dataplane("benigno-1", { service: "benigno", host: 3 }), "benigno"),
];

function allow(id: string): Resource {
  const rules = [{ default: { allow: [{ spiffeID: { type: "Exact", value: id } }] } }];
  return resource("MeshTrafficPermission", "by-id", { targetRef: { kind: "Mesh" }, rules });
}

it("a MeshIdentity is what the client shows, and what rules speak of", () => {
  const explained = ask([...world, allow("spiffe://east.example/app/magnanimo")]);
  expect(explained.client?.identity).toEqual(["spiffe://east.example/app/magnanimo"]);
  expect(linesOf(explained, "identity")[0]).toBe("identity: mTLS as spiffe://east.example/app/magnanimo");
  expect(explained.verdict).toMatchObject({ outcome: "reaches", policies: ["MeshTrafficPermission/default/by-id"] });
});

it("an id of the mesh's own CA is none of its clients", () => {
  const { verdict } = ask([...world, allow("spiffe://default/magnanimo")]);
  expect(verdict).toMatchObject({ outcome: "blocked", reason: "denied", status: 403 });
});

it("a service outside of the mesh is open to the ids that rules name", () => {
  const outside = resource("ExternalService", "billing", {
    tags: { "kuma.io/service": "billing", "kuma.io/protocol": "http" },
    networking: { address: "billing.example:80" },
  });
  const client = labelled(dataplane("curioso-1", { service: "curioso", calls: ["billing"], host: 5 }), "curioso");
  const from = { from: "curioso", to: "billing" };
  expect(ask([...world, outside, client, allow("spiffe://east.example/app/curioso")], from).verdict).toMatchObject({
    outcome: "reaches",
    policies: ["MeshTrafficPermission/default/by-id"],
  });
  expect(ask([...world, outside, client, allow("spiffe://default/curioso")], from).verdict).toMatchObject({ outcome: "blocked" });
});
