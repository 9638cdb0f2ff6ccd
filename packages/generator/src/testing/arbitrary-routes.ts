import fc from "fast-check";
import { anySelector, anyServiceName, anySubset, anyTargetRef, anyVersion } from "./arbitrary-world.ts";
import { resource } from "./resources.ts";

const split = fc.record({ weight: fc.integer({ min: 0, max: 3 }), destination: anySubset });
const http = fc.record({ match: fc.constant({ path: { prefix: "/x" } }), destination: anySubset });
export const anyTrafficRoute = fc
  .record({
    name: fc.constantFrom("r0", "r1"),
    source: anySelector,
    destination: anySelector,
    split: fc.array(split, { minLength: 1, maxLength: 2 }),
    http: fc.array(http, { maxLength: 1 }),
    random: fc.boolean(),
  })
  .map(({ name, source, destination, split, http, random }) =>
    resource("TrafficRoute", "default", name, {
      sources: [source],
      destinations: [destination],
      conf: {
        split: [...split, { weight: 1, destination: { "kuma.io/service": "*" } }],
        http,
        ...(random && { loadBalancer: { random: {} } }),
      },
    }),
  );

const backend = fc
  .tuple(anyServiceName, anyVersion, fc.integer({ min: 0, max: 2 }))
  .map(([name, more, weight]) => ({ kind: "MeshServiceSubset", name, tags: more, weight }));
export const anyMeshHttpRoute = fc
  .record({
    name: fc.constantFrom("h0", "h1"),
    targetRef: anyTargetRef,
    to: anyServiceName,
    backendRefs: fc.array(backend, { maxLength: 2 }),
  })
  .map(({ name, targetRef, to, backendRefs }) => {
    const rule = { matches: [{ path: { type: "PathPrefix", value: "/y" } }], default: { backendRefs } };
    return resource("MeshHTTPRoute", "default", name, {
      targetRef,
      to: [{ targetRef: { kind: "MeshService", name: to }, rules: [rule] }],
    });
  });
