import fc from "fast-check";
import { anySelector, anyServiceName, anyTargetRef } from "./arbitrary-world.ts";
import { resource } from "./resources.ts";

export const anyRateLimit = fc
  .record({
    name: fc.constantFrom("l0", "l1"),
    source: anySelector,
    destination: anySelector,
    requests: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ name, source, destination, requests }) =>
    resource("RateLimit", "default", name, {
      sources: [source],
      destinations: [destination],
      conf: { http: { requests, interval: "1s" } },
    }),
  );
export const anyFaultInjection = fc
  .record({ name: fc.constantFrom("f0", "f1"), source: anySelector, service: anyServiceName })
  .map(({ name, source, service: to }) =>
    resource("FaultInjection", "default", name, {
      sources: [source],
      destinations: [{ match: { "kuma.io/service": to, "kuma.io/protocol": "http" } }],
      conf: { abort: { percentage: 10, httpStatus: 503 } },
    }),
  );

const matches = fc.constantFrom<object>(
  {},
  { matches: [{ spiffeID: { type: "Exact", value: "spiffe://default/a" } }] },
  { matches: [{ spiffeID: { type: "Prefix", value: "spiffe://default/" } }, { sni: { type: "Exact", value: "a.b" } }] },
);
const requestLimit = { local: { http: { requestRate: { num: 5, interval: "1s" } } } };
const connectionLimit = { local: { tcp: { connectionRate: { num: 5, interval: "1s" } } } };
export const anyMeshRateLimit = fc
  .record({
    name: fc.constantFrom("q0", "q1"),
    targetRef: anyTargetRef,
    rules: fc.array(
      fc.oneof(
        matches.map((match) => ({ ...match, default: requestLimit })),
        fc.constant({ default: connectionLimit }),
      ),
      { maxLength: 2 },
    ),
  })
  .map(({ name, targetRef, rules }) => resource("MeshRateLimit", "default", name, { targetRef, rules }));

const faults = { http: [{ abort: { httpStatus: 503, percentage: "2.5" } }] };
export const anyMeshFaultInjection = fc
  .record({
    name: fc.constantFrom("i0", "i1"),
    targetRef: anyTargetRef,
    lists: fc.oneof(
      matches.map((match): object => ({ rules: [{ ...match, default: faults }] })),
      anyServiceName.map((name) => ({ from: [{ targetRef: { kind: "MeshService", name }, default: faults }] })),
    ),
  })
  .map(({ name, targetRef, lists }) => resource("MeshFaultInjection", "default", name, { targetRef, ...lists }));
