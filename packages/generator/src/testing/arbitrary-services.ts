import type { Resource, Tags } from "@meridian/model";
import fc from "fast-check";
import { resource } from "./resources.ts";

/** Real services of a small world: in the own zone, in others, and joined; with what leads to them. */
const names = ["a", "b"];
const name = fc.constantFrom(...names);
const port = fc.constantFrom(80, 81);

const selector = fc.constantFrom<object>(
  {},
  { dataplaneTags: { "kuma.io/service": "a" } },
  { dataplaneTags: { "kuma.io/service": "b", version: "v1" } },
  { dataplaneLabels: { matchLabels: { team: "x" } } },
  { dataplaneRef: { name: "d1" } },
);
const servicePort = fc.record({
  port,
  name: fc.constantFrom("main", "side"),
  targetPort: fc.constantFrom<number | string>(8080, 8081, "8080"),
  appProtocol: fc.constantFrom("http", "tcp", "grpc"),
});
const ports = fc.uniqueArray(servicePort, { minLength: 1, maxLength: 2, selector: (each) => each.port });
const identities = fc.constantFrom<readonly object[]>(
  [],
  [{ type: "ServiceTag", value: "a" }],
  [{ type: "SpiffeID", value: "spiffe://west/a" }],
);

function addressed(service: Resource, host: number | undefined): Resource {
  if (host === undefined) return service;
  const addresses = host === 1 ? [] : [{ hostname: `${service.name}.svc` }, { hostname: "a.mesh" }].slice(0, host - 1);
  return { ...service, status: { vips: [{ ip: `241.0.0.${host}` }], addresses } };
}
const host = fc.constantFrom(undefined, 1, 2, 3);

export const anyMeshService = fc
  .record({
    name,
    zone: fc.constantFrom("west", "east", "north"),
    selector,
    ports,
    identities,
    state: fc.constantFrom("Available", "Unavailable"),
    host,
  })
  .map(({ name: own, zone, host: address, ...spec }) => {
    const labels: Tags =
      zone === "west"
        ? { "kuma.io/origin": "zone", "kuma.io/zone": zone }
        : { "kuma.io/origin": "global", "kuma.io/zone": zone, "kuma.io/display-name": own };
    return addressed(resource("MeshService", "default", zone === "west" ? own : `${own}-${zone}`, spec, labels), address);
  });

export const anyMultiZoneService = fc
  .record({
    name,
    matchLabels: fc.constantFrom<Tags>({ "kuma.io/display-name": "a" }, { "kuma.io/zone": "east" }, {}),
    ports: fc.uniqueArray(
      port.map((each) => ({ port: each, appProtocol: "http" })),
      { minLength: 1, maxLength: 2, selector: (each) => each.port },
    ),
    host,
  })
  .map(({ name: own, matchLabels, ports: joined, host: address }) =>
    addressed(
      resource("MeshMultiZoneService", "default", own, { selector: { meshService: { matchLabels } }, ports: joined }),
      address,
    ),
  );

/** Of data planes that let other zones in. */
export const anyZoneListeners = fc.constantFrom<readonly object[] | undefined>(
  undefined,
  undefined,
  [{ type: "ZoneIngress", port: 10_005 }],
  [
    { type: "ZoneIngress", port: 10_005, name: "main" },
    { type: "ZoneEgress", port: 10_006 },
  ],
);

export const anyMeshZoneAddress = fc
  .record({ name: fc.constantFrom("za", "zb"), zone: fc.constantFrom("east", "west"), port: fc.constantFrom(1, 2) })
  .map(({ name: own, zone, port: at }) =>
    resource("MeshZoneAddress", "default", own, { address: "198.51.100.1", port: at }, { "kuma.io/zone": zone }),
  );

/** How outbounds and routes refer to them. */
export const anyBackendRef = fc.oneof(
  fc.tuple(name, port).map(([own, at]) => ({ kind: "MeshService", name: own, port: at })),
  port.map((at) => ({ kind: "MeshService", labels: { "kuma.io/zone": "east" }, port: at })),
  fc.tuple(name, port).map(([own, at]) => ({ kind: "MeshMultiZoneService", name: own, port: at })),
);

/** A data plane that takes what is sent to the addresses of services; undefined: it does not. */
export const anyTransparentProxying = fc.constantFrom<object | undefined>(
  undefined,
  { redirectPortOutbound: 15001 },
  { redirectPortOutbound: 15001, reachableBackends: { refs: [] } },
  {
    redirectPortOutbound: 15001,
    reachableBackends: {
      refs: [
        { kind: "MeshService", name: "a" },
        { kind: "MeshService", labels: { "kuma.io/zone": "east" }, port: 80 },
      ],
    },
  },
  { redirectPortOutbound: 15001, reachableServices: ["a"] },
  {
    redirectPortOutbound: 15001,
    reachableServices: ["b", "a"],
    reachableBackends: { refs: [{ kind: "MeshService", name: "b" }] },
  },
  { redirectPortOutbound: 15001, directAccessServices: ["b"] },
  { redirectPortOutbound: 15001, directAccessServices: ["*"], ipFamilyMode: "IPv4" },
);

const target = fc.oneof(
  name.map((own) => ({ kind: "MeshService", name: own })),
  name.map((own) => ({ kind: "MeshService", name: own, sectionName: "main" })),
  name.map((own) => ({ kind: "MeshMultiZoneService", name: own })),
  fc.constant({ kind: "MeshService", labels: { "kuma.io/zone": "east" } }),
);
const backendRefs = fc.array(fc.tuple(anyBackendRef, fc.integer({ min: 0, max: 2 })), { maxLength: 2 }).map((refs) => {
  return refs.map(([ref, weight]) => ({ ...ref, weight }));
});

export const anyRouteOfServices = fc
  .record({ kind: fc.constantFrom("MeshHTTPRoute", "MeshTCPRoute"), to: target, backendRefs, zone: fc.constantFrom("", "east") })
  .map(({ kind, to, backendRefs: refs, zone }) => {
    const matches = kind === "MeshHTTPRoute" ? { matches: [{ path: { type: "PathPrefix", value: "/y" } }] } : {};
    const rules = [{ ...matches, default: { backendRefs: refs } }];
    return resource(kind, "default", "s0", { to: [{ targetRef: to, rules }] }, zone === "" ? {} : { "kuma.io/zone": zone });
  });

export const anyPolicyOnServices = fc
  .record({ kind: fc.constantFrom("MeshTimeout", "MeshLoadBalancingStrategy"), to: target })
  .map(({ kind, to }) => {
    const conf = kind === "MeshTimeout" ? { connectionTimeout: "3s" } : { localityAwareness: { disabled: true } };
    return resource(kind, "default", "s1", { to: [{ targetRef: to, default: conf }] });
  });
