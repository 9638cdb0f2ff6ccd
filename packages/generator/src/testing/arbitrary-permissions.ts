import fc from "fast-check";
import { anySelector, anyServiceName, anyTargetRef } from "./arbitrary-world.ts";
import { resource } from "./resources.ts";

export const anyTrafficPermission = fc
  .record({ name: fc.constantFrom("p0", "p1"), source: anySelector, destination: anySelector })
  .map(({ name, source, destination }) =>
    resource("TrafficPermission", "default", name, { sources: [source], destinations: [destination] }),
  );

export const anyMeshTrafficPermission = fc
  .record({
    name: fc.constantFrom("m0", "m1"),
    targetRef: anyTargetRef,
    from: anyServiceName,
    action: fc.constantFrom("Allow", "Deny"),
  })
  .map(({ name, targetRef, from, action }) =>
    resource("MeshTrafficPermission", "default", name, {
      targetRef,
      from: [{ targetRef: { kind: "MeshService", name: from }, default: { action } }],
    }),
  );
