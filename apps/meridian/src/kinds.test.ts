import { expect, it } from "vitest";
import { kinds } from "./kinds.ts";

/** d global to zones, u zone to global, z on to the other zones, n under its own name (reference: multizone.md section 3). */
const ways: readonly (readonly [way: string, kinds: string])[] = [
  ["dn", "Mesh Secret GlobalSecret"],
  [
    "d",
    `CircuitBreaker FaultInjection HealthCheck ProxyTemplate RateLimit Retry Timeout TrafficLog TrafficPermission TrafficRoute
     TrafficTrace VirtualOutbound ExternalService MeshGatewayRoute MeshMultiZoneService`,
  ],
  ["du", "MeshGateway HostnameGenerator MeshExternalService MeshIdentity MeshOpenTelemetryBackend"],
  [
    "duz",
    `MeshAccessLog MeshCircuitBreaker MeshFaultInjection MeshHealthCheck MeshHTTPRoute MeshLoadBalancingStrategy MeshMetric
     MeshPassthrough MeshProxyPatch MeshRateLimit MeshRetry MeshTCPRoute MeshTLS MeshTimeout MeshTrace MeshTrafficPermission
     MeshTrust`,
  ],
  ["uz", "MeshService ZoneIngress MeshZoneAddress"],
  ["u", "Dataplane ZoneEgress Workload"],
  ["", "Zone"],
];

it("every kind travels as the peer's does", () => {
  const expected = ways.flatMap(([way, names]) => names.split(/\s+/).map((kind) => `${kind} ${way}`));
  const actual = kinds.all
    .filter(({ category }) => category !== "insight")
    .map(({ kind, sync: { globalToZone, zoneToGlobal, zoneToZone, keepsName } }) => {
      return `${kind} ${globalToZone ? "d" : ""}${zoneToGlobal ? "u" : ""}${zoneToZone ? "z" : ""}${keepsName ? "n" : ""}`;
    });
  expect(actual.toSorted()).toEqual(expected.toSorted());
});
