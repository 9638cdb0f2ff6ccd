import type { Resource } from "@meridian/model";
import fc from "fast-check";
import { resource } from "./resources.ts";

/** What is outside of a small world, and the egresses that lead there. */
const service = fc.constantFrom("a", "b", "outside");
const address = fc.constantFrom("outside.example", "192.0.2.9", "backup.example");
const verification = fc.constantFrom<object>(
  {},
  { mode: "SkipAll" },
  { serverName: "x.example", caCert: { inlineString: "ca" }, clientCert: { secret: "c" }, clientKey: { secret: "k" } },
);

export const anyZoneEgress = fc
  .record({
    name: fc.constantFrom("ze-west", "ze-west-2", "ze-east"),
    host: fc.integer({ min: 1, max: 2 }),
    isLeaving: fc.constantFrom(false, false, true),
  })
  .map(({ name, host, isLeaving }) =>
    resource(
      "ZoneEgress",
      "",
      name,
      { zone: name.split("-")[1], networking: { address: `10.2.0.${host}`, port: 10002 } },
      isLeaving ? { "meridian.io/leaving": "true" } : {},
    ),
  );

export const anyExternalService = fc
  .record({
    name: fc.constantFrom("e0", "e1"),
    service,
    protocol: fc.constantFrom("http", "tcp", "grpc"),
    zone: fc.constantFrom({}, { "kuma.io/zone": "west" }, { "kuma.io/zone": "east" }),
    version: fc.constantFrom({}, { version: "v1" }),
    address,
    hasTls: fc.boolean(),
  })
  .map(({ name, service: own, protocol, zone, version, address: host, hasTls }) =>
    resource("ExternalService", "default", name, {
      tags: { "kuma.io/service": own, "kuma.io/protocol": protocol, ...zone, ...version },
      networking: { address: `${host}:443`, ...(hasTls && { tls: { enabled: true, caCert: { secret: "ca" } } }) },
    }),
  );

export const anyMeshExternalService = fc
  .record({
    mesh: fc.constantFrom("default", "default", "other"),
    name: fc.constantFrom("x", "y"),
    port: fc.constantFrom(80, 443),
    protocol: fc.constantFrom("http", "http2", "tcp"),
    endpoints: fc.array(fc.record({ address, port: fc.constant(443), priority: fc.integer({ min: 0, max: 2 }) }), {
      maxLength: 2,
    }),
    verification: fc.option(verification, { nil: undefined }),
    vip: fc.constantFrom(undefined, "242.0.0.1", "242.0.0.2"),
  })
  .map(({ mesh, name, port, protocol, endpoints, verification: checks, vip }): Resource => {
    const tls = checks && { tls: { enabled: true, verification: checks } };
    const made = resource("MeshExternalService", mesh, name, { match: { port, protocol }, endpoints, ...tls });
    return vip === undefined ? made : { ...made, status: { vip: { ip: vip } } };
  });

export const anyOutsideRef = fc.constantFrom(
  { kind: "MeshExternalService", name: "x" },
  { kind: "MeshExternalService", name: "y", port: 80 },
);

export const anyPolicyOnOutside = fc
  .record({
    kind: fc.constantFrom("MeshTimeout", "MeshCircuitBreaker", "MeshLoadBalancingStrategy", "MeshHealthCheck"),
    name: fc.constantFrom("z0", "z1"),
    to: fc.constantFrom<object>(
      { kind: "Mesh" },
      { kind: "MeshExternalService", name: "x" },
      { kind: "MeshService", name: "outside" },
    ),
  })
  .map(({ kind, name, to }) => resource(kind, "default", name, { to: [{ targetRef: to, default: confs[kind] }] }));

const confs: Readonly<Record<string, object>> = {
  MeshTimeout: { connectionTimeout: "4s" },
  MeshCircuitBreaker: { connectionLimits: { maxConnections: 4 } },
  MeshHealthCheck: { interval: "4s", tcp: {} },
  MeshLoadBalancingStrategy: {
    loadBalancer: { type: "Random" },
    localityAwareness: { crossZone: { failover: [{ to: { type: "Only", zones: ["east"] } }] } },
  },
};
