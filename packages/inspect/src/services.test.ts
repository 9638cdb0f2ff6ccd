import type { HostnameGeneratorSpec, MeshServiceSpec, Resource } from "@meridian/model";
import { expect, it } from "vitest";
import { meshServiceMatcher, serviceHostnames } from "./services.ts";
import { dataplaneOf, meshFrom } from "./testing/mesh.ts";

const mesh = meshFrom(`
{type: Dataplane, mesh: default, name: orders-1, networking: {address: 10.0.0.1, inbound: [{port: 80, tags: {kuma.io/service: orders}}]}}
---
{type: Dataplane, mesh: default, name: web-1, networking: {address: 10.0.0.2, inbound: [{port: 80, tags: {kuma.io/service: web}}]}}
---
{type: MeshService, mesh: default, name: orders, spec: {selector: {dataplaneTags: {kuma.io/service: orders}}, ports: [{port: 80}]}}
`);
const [orders] = mesh.list<MeshServiceSpec>("MeshService");
if (!orders) throw new Error("a service expected");

function generator(name: string, template: string, zone?: string): Resource<HostnameGeneratorSpec> {
  return {
    ...(orders as Resource),
    mesh: "",
    name,
    labels: zone ? { "kuma.io/zone": zone } : {},
    spec: { selector: { meshService: {} }, template },
  };
}

it("knows who is behind a service", () => {
  const isBehind = meshServiceMatcher(orders);
  expect(isBehind(dataplaneOf(mesh, "orders-1"))).toBe(true);
  expect(isBehind(dataplaneOf(mesh, "web-1"))).toBe(false);
});

it("takes host names from the status, else from the generators, each for the zones that know it", () => {
  const generators = [generator("all", "{{ .DisplayName }}.mesh"), generator("own", "{{ .DisplayName }}.east", "east")];
  const sources = { generators, zones: ["east", "west"] };
  const both = [{ name: "east" }, { name: "west" }];
  expect(serviceHostnames(orders, sources)).toEqual({
    total: 2,
    items: [
      { hostname: "orders.east", zones: [{ name: "east" }] },
      { hostname: "orders.mesh", zones: both },
    ],
  });
  const status = {
    addresses: [{ hostname: "known.mesh", hostnameGeneratorRef: { coreName: "all" }, origin: "HostnameGenerator" }],
  };
  expect(serviceHostnames({ ...orders, status }, sources)).toEqual({
    total: 1,
    items: [{ hostname: "known.mesh", zones: both }],
  });
  expect(serviceHostnames(orders, { generators: [], zones: [] })).toEqual({ total: 0, items: [] });
});
