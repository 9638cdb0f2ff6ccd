import type { Labels, ResourceInput } from "@meridian/model";
import { describe, expect, it } from "vitest";
import { destinationsFor, destinationsOf, mappedIpv6, reachOf } from "./destinations.ts";
import { isBehind, matchedMeshServices } from "./multi-zone.ts";

function meshService(name: string, labels: Labels = {}, status: unknown = { vips: [{ ip: "241.0.0.1" }] }): ResourceInput {
  const spec = { ports: [{ port: 81 }, { port: 80, name: "http", appProtocol: "http" }] };
  return { kind: "MeshService", mesh: "prod", name, labels, spec, status };
}

const remote = meshService("web-hash", { "kuma.io/display-name": "web", "kuma.io/zone": "west", "kuma.io/origin": "global" });
const external: ResourceInput = {
  kind: "MeshExternalService",
  mesh: "prod",
  name: "payments-hash",
  labels: { "kuma.io/display-name": "payments", "kuma.io/origin": "global" },
  spec: { match: { port: 443, protocol: "http" } },
  status: { vip: { ip: "242.0.0.1" }, addresses: [{ hostname: "b" }, { hostname: "a" }] },
};

it("says for each port where it is and what it is called", () => {
  expect(destinationsOf(remote)).toEqual([
    {
      service: { kind: "MeshService", mesh: "prod", name: "web-hash" },
      kri: "kri_msvc_prod_west__web_http",
      section: "http",
      vip: "241.0.0.1",
      port: 80,
      protocol: "http",
      hostnames: [],
    },
    {
      service: { kind: "MeshService", mesh: "prod", name: "web-hash" },
      kri: "kri_msvc_prod_west__web_81",
      section: "81",
      vip: "241.0.0.1",
      port: 81,
      protocol: "tcp",
      hostnames: [],
    },
  ]);
  expect(destinationsOf(external)).toMatchObject([
    { kri: "kri_extsvc_prod___payments_443", vip: "242.0.0.1", port: 443, protocol: "http", hostnames: ["a", "b"] },
  ]);
});

it("has nothing without an address", () => {
  expect(destinationsOf(meshService("web", {}, {}))).toEqual([]);
  expect(destinationsOf({ ...remote, kind: "TrafficRoute" })).toEqual([]);
});

describe("what a data plane reaches", () => {
  const dataplane = (transparentProxying?: object) => ({
    networking: { address: "10.0.0.1", ...(transparentProxying && { transparentProxying }) },
  });
  const redirected = { redirectPortOutbound: 15_001 };
  const services = [remote, meshService("web", { "kuma.io/zone": "east", "kuma.io/origin": "zone" }), external];
  const reached = (transparent: object | undefined, mode: "Everywhere" | "ReachableBackends" = "Everywhere") =>
    destinationsFor(dataplane(transparent), services, { mode }).map(({ service, port }) => `${service.name}:${port}`);

  it.each([
    ["nothing without redirection", undefined, []],
    ["everything by default", redirected, ["payments-hash:443", "web:81", "web:80", "web-hash:81", "web-hash:80"]],
    ["nothing with reachableServices alone", { ...redirected, reachableServices: ["db"] }, []],
    ["nothing with an empty list", { ...redirected, reachableBackends: {} }, []],
    [
      "the zone's own by name",
      { ...redirected, reachableBackends: { refs: [{ kind: "MeshService", name: "web" }] } },
      ["web:81", "web:80"],
    ],
    [
      "one port, in whatever zone, by label",
      {
        ...redirected,
        reachableBackends: { refs: [{ kind: "MeshService", port: 80, labels: { "kuma.io/display-name": "web" } }] },
      },
      ["web:80", "web-hash:80"],
    ],
    [
      "an external service by the name that users know",
      {
        ...redirected,
        reachableServices: ["db"],
        reachableBackends: { refs: [{ kind: "MeshExternalService", name: "payments" }] },
      },
      ["payments-hash:443"],
    ],
    [
      "no other namespace",
      { ...redirected, reachableBackends: { refs: [{ kind: "MeshService", name: "web", namespace: "x" }] } },
      [],
    ],
  ])("%s", (_, transparent, expected) => expect([...reached(transparent)].sort()).toEqual([...expected].sort()));

  it("nothing in the mode ReachableBackends without a list", () => {
    expect(reached(redirected, "ReachableBackends")).toEqual([]);
    const listed = { ...redirected, reachableBackends: { refs: [{ kind: "MeshExternalService", name: "payments" }] } };
    expect(reached(listed, "ReachableBackends")).toEqual(["payments-hash:443"]);
  });

  it("as the proxy says, where its resource is silent", () => {
    expect(reachOf(dataplane(), { mode: "Everywhere", takesVips: true })(remote, 80)).toBe(true);
  });
});

it("joins services of several zones by labels", () => {
  const spec = { selector: { meshService: { matchLabels: { "kuma.io/display-name": "web" } } }, ports: [] };
  expect(isBehind(remote, spec)).toBe(true);
  expect(isBehind(meshService("web"), spec)).toBe(true);
  expect(isBehind(meshService("db"), spec)).toBe(false);
  expect(isBehind(remote, { ...spec, selector: { meshService: {} } })).toBe(false);
  expect(matchedMeshServices([remote, meshService("web", { "kuma.io/zone": "east" })])).toEqual([
    { name: "web", namespace: "", zone: "east", mesh: "prod" },
    { name: "web", namespace: "", zone: "west", mesh: "prod" },
  ]);
});

it("maps a VIP into IPv6", () => expect(mappedIpv6("241.0.0.1")).toBe("::ffff:f100:1"));
