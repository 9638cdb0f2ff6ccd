import type { Resource } from "@meridian/model";
import { expect, it } from "vitest";
import { dataplane, imageOf, mesh, permission, planFor, put, remove, resource } from "./testing/world.ts";
import type { ZoneImage } from "./zones/zone-image.ts";

// What a plan tells of outbounds and routes to MeshServices and MeshMultiZoneServices.

const allowAll = permission("all", "*", "*");

/** As the zone that it is in has it, or as it comes to another zone. */
function meshService(name: string, zone: string, seenFrom = zone): Resource {
  const spec = {
    selector: { dataplaneTags: { "kuma.io/service": name } },
    ports: [{ port: 80, targetPort: 8080, appProtocol: "http" }],
    identities: [{ type: "ServiceTag", value: name }],
    state: "Available",
  };
  const isOwn = zone === seenFrom;
  const labels = { "kuma.io/origin": isOwn ? "zone" : "global", "kuma.io/zone": zone, "kuma.io/display-name": name };
  return resource("MeshService", isOwn ? name : `${name}-${zone}`, spec, labels);
}

const joined = resource("MeshMultiZoneService", "benigno", {
  selector: { meshService: { matchLabels: { "kuma.io/display-name": "benigno" } } },
  ports: [{ port: 80, appProtocol: "http" }],
});

function caller(...backendRefs: readonly object[]): Resource {
  const plain = dataplane("magnanimo-1", { service: "magnanimo", host: 1 });
  const { networking } = plain.spec as { readonly networking: object };
  const outbound = backendRefs.map((backendRef, index) => ({ port: 10_001 + index, backendRef }));
  return { ...plain, spec: { networking: { ...networking, outbound } } };
}

const zoneIngress = (zone: string) =>
  resource("ZoneIngress", `zi-${zone}`, {
    zone,
    networking: { address: "10.1.0.1", port: 10_001, advertisedAddress: "192.0.2.1", advertisedPort: 10_001 },
  });

const toBenigno = { kind: "MeshService", name: "benigno", port: 80 };
const server = dataplane("benigno-1", { service: "benigno", host: 2 });

function east(...more: readonly Resource[]): ZoneImage {
  const services = [meshService("benigno", "east"), meshService("carts", "east"), meshService("benigno", "west", "east"), joined];
  const carts = dataplane("carts-1", { service: "carts", host: 3 });
  return imageOf("east", mesh(true), allowAll, server, carts, zoneIngress("west"), ...services, ...more);
}

function west(...more: readonly Resource[]): ZoneImage {
  return imageOf("west", mesh(true), allowAll, server, meshService("benigno", "west"), joined, ...more);
}

function route(...backendRefs: readonly object[]): Resource {
  const rules = [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], default: { backendRefs } }];
  return resource("MeshHTTPRoute", "split", { to: [{ targetRef: { kind: "MeshService", name: "benigno" }, rules }] });
}

it("shares of real services go by the names that people gave them", () => {
  const inWest = { kind: "MeshService", labels: { "kuma.io/display-name": "benigno", "kuma.io/zone": "west" }, port: 80 };
  const before = route({ ...toBenigno, weight: 9 }, { ...inWest, weight: 1 });
  const after = route({ ...toBenigno, weight: 1 }, { ...inWest, weight: 9 });
  const plan = planFor([east(caller(toBenigno), before), west()], [put(after)]);
  expect(plan.summary.map(({ text }) => text)).toEqual([
    "MeshService benigno:80 of west gets 90 % of magnanimo's requests, was 10 %",
    "MeshService benigno:80 gets 10 % of magnanimo's requests, was 90 %",
  ]);
  expect(plan.cutOffs).toEqual([]);
});

it("a route to a service that has no servers is pointed out, one to a service that has is not", () => {
  const toCarts = { kind: "MeshService", name: "carts", port: 80 };
  const image = east(caller(toBenigno));
  expect(planFor([image, west()], [put(route(toCarts))]).cutOffs).toEqual([]);
  const empty = east(caller(toBenigno), meshService("ghost", "east"));
  const [cutOff] = planFor([empty, west()], [put(route({ ...toCarts, name: "ghost" }))]).cutOffs;
  expect(cutOff?.text).toBe("magnanimo no longer reaches MeshService benigno:80: nobody is MeshService ghost:80");
});

it("a permission that goes is pointed out for servers of the other zone, too", () => {
  const refs = [toBenigno, { kind: "MeshMultiZoneService", name: "benigno", port: 80 }];
  const plan = planFor([east(caller(...refs)), west()], [remove(allowAll)]);
  expect(plan.cutOffs.map(({ text }) => text)).toEqual([
    "magnanimo no longer reaches MeshMultiZoneService benigno:80: no permission of MeshMultiZoneService benigno:80 lets it in",
    "magnanimo no longer reaches MeshService benigno:80: no permission of MeshService benigno:80 lets it in",
  ]);
  const narrower = permission("all", "nobody", "benigno");
  expect(planFor([east(caller(refs[1] as object)), west()], [put(narrower)]).cutOffs).toHaveLength(1);
});

it("what else differs is told of the service, too", () => {
  const image = east(caller(toBenigno));
  const to = [{ targetRef: { kind: "MeshService", name: "benigno" }, default: { http: { requestTimeout: "3s" } } }];
  expect(planFor([image], [put(resource("MeshTimeout", "t", { to }))]).summary.map(({ text }) => text)).toContain(
    "routes to MeshService benigno:80: route.timeout 3s, was 15s",
  );
});
