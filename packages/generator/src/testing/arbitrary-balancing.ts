import fc from "fast-check";
import { anyTargetRef } from "./arbitrary-world.ts";
import { resource } from "./resources.ts";

const balancing = fc.constantFrom<object>(
  { loadBalancer: { type: "LeastRequest" } },
  { hashPolicies: [{ type: "Header", header: { name: "x-user" } }] },
  { localityAwareness: { disabled: true } },
  {
    localityAwareness: {
      localZone: { affinityTags: [{ key: "version" }, { key: "team" }] },
      crossZone: { failover: [{ from: { zones: ["west"] }, to: { type: "Only", zones: ["east"] } }, { to: { type: "Any" } }] },
    },
  },
);
export const anyMeshLoadBalancingStrategy = fc
  .record({
    name: fc.constantFrom("b0", "b1"),
    targetRef: anyTargetRef,
    to: fc.constantFrom<object>(
      { kind: "Mesh" },
      { kind: "MeshService", name: "a" },
      { kind: "MeshService", name: "b" },
      { kind: "MeshHTTPRoute", name: "h0" },
    ),
    conf: balancing,
  })
  .map(({ name, targetRef, to, conf }) =>
    resource("MeshLoadBalancingStrategy", "default", name, { targetRef, to: [{ targetRef: to, default: conf }] }),
  );
