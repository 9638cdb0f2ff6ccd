import type { Tags } from "@meridian/model";
import fc from "fast-check";
import type { ProxyDescription } from "../types.ts";
import { gateways } from "./arbitrary-gateway.ts";
import { egress, ingress, sidecar } from "./resources.ts";

/** A small world, so that random changes meet each other often. */
const services = ["a", "b", "c"];
export const dataplanes = ["d0", "d1", "d2", "d3"];
/** How the first proxies tell workloads of the names of services. */
const dnsFeatures = [["feature-embedded-dns"], ["feature-bind-outbounds"]];
/** All that attach. */
export const proxies: readonly ProxyDescription[] = [
  ...dataplanes.map((name, index) => ({
    ...sidecar("default", name, ["feature-tcp-accesslog-via-named-pipe", ...(dnsFeatures[index] ?? [])]),
    ...{ workdir: `/run/${name}`, dnsPort: 15054 },
    ...(index === 2 && { transparentProxy: { outboundPort: 15_001, ipv6: true, redirectsDns: true } }),
  })),
  sidecar("other", "d0"),
  ingress("zi-west"),
  ingress("zi-west-2"),
  ...gateways,
  egress("ze-west"),
  egress("ze-west-2"),
];

export const anyServiceName = fc.constantFrom(...services);
export const anyVersion = fc.constantFrom({}, { version: "v1" }, { version: "v2" });
const protocol = fc.constantFrom(
  {},
  { "kuma.io/protocol": "http" },
  { "kuma.io/protocol": "grpc" },
  { "kuma.io/protocol": "tcp" },
);
export const anyTags: fc.Arbitrary<Tags> = fc
  .tuple(anyServiceName, anyVersion, protocol)
  .map(([name, ...more]) => Object.assign({ "kuma.io/service": name }, ...more));
export const anySubset: fc.Arbitrary<Tags> = fc
  .tuple(anyServiceName, anyVersion)
  .map(([name, more]) => ({ "kuma.io/service": name, ...more }));
/** Of gateways of one mesh, as those of the other ask for them. */
export const anyCrossMeshTags: fc.Arbitrary<Tags> = fc
  .tuple(fc.constantFrom("edge", "a"), fc.constantFrom("default", "default", "other"), fc.constantFrom({}, { door: "x" }))
  .map(([name, mesh, more]) => ({ "kuma.io/service": name, "kuma.io/mesh": mesh, ...more }));

/** Of sources and destinations. */
export const anySelector = fc.constantFrom(...services, "*").map((name) => ({ match: { "kuma.io/service": name } }));

/** What a policy is about as a whole. */
export const anyTargetRef = fc.constantFrom<object>(
  { kind: "Mesh" },
  { kind: "MeshService", name: "a" },
  { kind: "Dataplane", name: "d1" },
  { kind: "Dataplane", labels: { team: "x" } },
  { kind: "MeshSubset", tags: { version: "v1" } },
);
