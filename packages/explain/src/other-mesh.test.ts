import type { Resource } from "@meridian/model";
import { expect, it } from "vitest";
import { ask, mesh, plainMesh, resource, zone } from "./testing/mesh.ts";

// A gateway of mesh shop: of that mesh nothing is known to whoever explains mesh default.
const outbound = [{ port: 10_001, tags: { "kuma.io/service": "edge", "kuma.io/mesh": "shop" } }];
const web = resource("Dataplane", "web-1", { networking: { address: "10.0.0.1", inbound: [inbound()], outbound } });

function inbound(): object {
  return { port: 8080, tags: { "kuma.io/service": "web", "kuma.io/protocol": "http" } };
}

function asked(own: Resource) {
  return ask([own, zone("east"), { ...web, labels: { "kuma.io/zone": "east" } }], { from: "web", to: "edge" });
}

it("a way that leads into another mesh is followed as far as it is known, and nothing more is claimed", () => {
  const { verdict, destinations, outbound: told } = asked(mesh());
  expect(verdict).toMatchObject({ outcome: "unknown", reason: "unseen" });
  expect(verdict.text).toContain("a gateway of mesh shop takes it");
  expect(verdict.text).toContain("a question from edge in mesh shop tells");
  expect(told?.treats).toBe("http");
  expect(destinations).toMatchObject([{ share: 1, tags: { "kuma.io/mesh": "shop" } }]);
});

it("a mesh without mTLS does not get there", () => {
  const { verdict } = asked(plainMesh);
  expect(verdict).toMatchObject({ outcome: "blocked", reason: "no-cluster" });
  expect(verdict.text).toContain("which mesh default does not have");
});
