import { expect, it } from "vitest";
import { effectivePrometheus } from "./effective-metrics.ts";
import type { MeshSpec } from "./schema.ts";

const mesh: MeshSpec = {
  metrics: {
    enabledBackend: "main",
    backends: [
      {
        ...{ name: "main", type: "prometheus" },
        conf: {
          ...{ path: "/stats", envoy: { usedOnly: true } },
          aggregate: [
            { name: "app", port: 8000 },
            { name: "off", port: 8001, enabled: false },
          ],
        },
      },
    ],
  },
};

it("a mesh without an enabled backend serves no metrics, whatever a Dataplane says", () => {
  expect(effectivePrometheus({}, { conf: { port: 5671 } })).toBeUndefined();
  expect(effectivePrometheus({ metrics: { backends: mesh.metrics?.backends ?? [] } }, undefined)).toBeUndefined();
});

it("has the mesh's settings with defaults, without what is switched off", () => {
  expect(effectivePrometheus(mesh, undefined)).toEqual({
    ...{ port: 5670, path: "/stats", tags: { "kuma.io/service": "dataplane-metrics" }, tls: { mode: "activeMTLSBackend" } },
    ...{ envoy: { usedOnly: true }, aggregate: [{ name: "app", port: 8000 }] },
  });
});

it("a Dataplane overrides field by field, and applications by name", () => {
  const conf = {
    ...{ port: 5671, tls: { mode: "disabled" as const }, envoy: { filterRegex: "http.*" } },
    aggregate: [
      { name: "app", enabled: false },
      { name: "off", port: 9000 },
    ],
  };
  expect(effectivePrometheus(mesh, { conf })).toMatchObject({
    ...{ port: 5671, path: "/stats", tls: { mode: "disabled" }, envoy: { usedOnly: true, filterRegex: "http.*" } },
    aggregate: [{ name: "off", port: 9000 }],
  });
});

it("a Dataplane that skips mTLS does, whatever the mesh says of TLS", () => {
  expect(effectivePrometheus(mesh, { conf: { skipMTLS: true } })).toMatchObject({ skipMTLS: true });
});
