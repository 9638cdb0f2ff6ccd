import type { Resource } from "@meridian/model";
import { expect, it } from "vitest";
import { createMeshView } from "../generate.ts";
import { plainEncoder } from "../parts.ts";
import { dataplane, mesh, resource, sidecar } from "../testing/resources.ts";
import { sidecarProfile } from "./profile.ts";

/** Two instances of a service, alike but for their names and addresses. */
const instances = ["web-1", "web-2"].map((name, index) =>
  dataplane({
    ...{ name, address: `10.0.0.${index + 1}`, labels: { "kuma.io/workload": "web" } },
    inbound: [{ port: 8080, tags: { "kuma.io/service": "web", "kuma.io/protocol": "http", pod: name } }],
    outbound: [{ port: 10001, tags: { "kuma.io/service": "api" } }],
  }),
);

function sharesOutbounds(...resources: readonly Resource[]): boolean {
  const meshes = resources.some(({ kind }) => kind === "Mesh") ? [] : [mesh("default")];
  const view = createMeshView({ zone: "west", resources: [...meshes, ...instances, ...resources] });
  const context = { view, encoder: plainEncoder, sharesProfiles: true };
  const keys = instances.map(({ name }) => sidecarProfile(context, sidecar("default", name))?.key);
  return keys[0] === keys[1];
}

function accessLog(...backends: readonly object[]): Resource {
  return resource("MeshAccessLog", "default", "all", { to: [{ targetRef: { kind: "Mesh" }, default: { backends } }] });
}
const collector = { type: "OpenTelemetry", openTelemetry: { endpoint: "otel:4317" } };
const tcp = { type: "Tcp", tcp: { address: "logs:5000" } };

it("proxies of one service share their outbounds, also when they log in the default format or to a collector", () => {
  expect(sharesOutbounds()).toBe(true);
  expect(sharesOutbounds(accessLog({ type: "File", file: { path: "/tmp/a.log" } }, collector))).toBe(true);
  const any = [{ match: { "kuma.io/service": "*" } }];
  const logging = { defaultBackend: "f", backends: [{ name: "f", type: "file", conf: { path: "/tmp/f.log" } }] };
  const trafficLog = resource("TrafficLog", "default", "all", { sources: any, destinations: any });
  expect(sharesOutbounds(resource("Mesh", "", "default", { logging }), trafficLog)).toBe(true);
});

it("only a TCP backend, whose pipe lies in a proxy's own directory, takes them apart", () => {
  expect(sharesOutbounds(accessLog(tcp))).toBe(false);
});
