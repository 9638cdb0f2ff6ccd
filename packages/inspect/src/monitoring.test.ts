import type { MeshSpec } from "@meridian/model";
import { expect, it } from "vitest";
import { monitoringAssignments } from "./monitoring.ts";
import { meshFrom } from "./testing/mesh.ts";

const dataplanes = `
{type: Dataplane, mesh: default, name: web-1, networking: {address: 10.0.0.1, inbound: [
  {port: 80, tags: {kuma.io/service: web}}, {port: 81, tags: {kuma.io/service: admin}}]}}
---
{type: Dataplane, mesh: default, name: orders-1, metrics: {type: prometheus, conf: {port: 5690}},
  networking: {address: "fd00::2", inbound: [{port: 80, tags: {kuma.io/service: orders}}]}}
`;
const ofWeb = `---
{type: MeshMetric, mesh: default, name: web, spec: {targetRef: {kind: MeshService, name: web}, default: {backends: [
  {type: Prometheus, prometheus: {}}, {type: Prometheus, prometheus: {clientId: eu, port: 5671, path: /eu, tls: {mode: ProvidedTLS}}}]}}}
`;
const metrics: MeshSpec["metrics"] = {
  enabledBackend: "main",
  backends: [{ name: "main", type: "prometheus", conf: { path: "/all" } }],
};

function addresses(clientId: string, yaml: string, mesh: Partial<MeshSpec> = {}): readonly string[] {
  return monitoringAssignments(meshFrom(yaml, mesh), clientId).flatMap(({ targets }) =>
    targets.map(({ scheme, address, metricsPath }) => `${scheme}://${address}${metricsPath}`),
  );
}

it("a Prometheus reads what is for it, or for any", () => {
  expect(addresses("us", dataplanes + ofWeb)).toEqual(["http://10.0.0.1:5670/metrics"]);
  expect(addresses("eu", dataplanes + ofWeb)).toEqual(["http://10.0.0.1:5670/metrics", "https://10.0.0.1:5671/eu"]);
});

it("where no MeshMetric has a say, the Mesh and the Dataplane do", () => {
  expect(addresses("any", dataplanes)).toEqual([]);
  expect(addresses("any", dataplanes + ofWeb, { metrics })).toEqual([
    "http://[fd00::2]:5690/all",
    "http://10.0.0.1:5670/metrics",
  ]);
});

it("names the proxy, its service and its tags", () => {
  expect(monitoringAssignments(meshFrom(dataplanes + ofWeb), "any")).toEqual([
    {
      ...{ mesh: "default", service: "web" },
      targets: [
        {
          ...{ name: "web-1", scheme: "http", address: "10.0.0.1:5670", metricsPath: "/metrics" },
          labels: { kuma_io_service: "web", kuma_io_services: ",admin,web," },
        },
      ],
    },
  ]);
});
