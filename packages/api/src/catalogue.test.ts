import { expect, test } from "vitest";
import { testApi } from "./testing/test-api.ts";

/**
 * `_resources` of the peer: path, short name, scope, and flags (reference: resources.md section 1). `ro` read-only, `fed` part of a
 * federation; of policies the lists that they have, `as-rules` where `from` can be read as `rules`.
 */
const catalogue = `
Mesh meshes m G fed
Dataplane dataplanes dp M
DataplaneInsight dataplane-insights - M ro
Zone zones z G
ZoneInsight zone-insights - G ro
ZoneIngress zoneingresses zi G
ZoneIngressInsight zone-ingress-insights - G ro
ZoneEgress zoneegresses ze G
ZoneEgressInsight zoneegressinsights - G ro
MeshInsight mesh-insights - G ro
ServiceInsight service-insights - M ro
Secret secrets - M fed
GlobalSecret globalsecrets - G fed
ExternalService external-services - M fed
VirtualOutbound virtual-outbounds - M fed
MeshGateway meshgateways mgw M fed
MeshGatewayRoute meshgatewayroutes - M fed legacy
CircuitBreaker circuit-breakers - M fed legacy
FaultInjection fault-injections - M fed legacy
HealthCheck health-checks - M fed legacy
ProxyTemplate proxytemplates - M fed legacy
RateLimit rate-limits - M fed legacy
Retry retries - M fed legacy
Timeout timeouts - M fed legacy
TrafficLog traffic-logs - M fed legacy
TrafficPermission traffic-permissions - M fed legacy
TrafficRoute traffic-routes - M fed legacy
TrafficTrace traffic-traces - M fed legacy
MeshAccessLog meshaccesslogs mal M fed targetRef to from rules as-rules
MeshCircuitBreaker meshcircuitbreakers mcb M fed targetRef to from rules as-rules
MeshFaultInjection meshfaultinjections mfi M fed targetRef to from rules
MeshHealthCheck meshhealthchecks mhc M fed targetRef to
MeshHTTPRoute meshhttproutes mhttpr M fed targetRef to
MeshLoadBalancingStrategy meshloadbalancingstrategies mlbs M fed targetRef to
MeshMetric meshmetrics mm M fed targetRef
MeshPassthrough meshpassthroughs mp M fed targetRef
MeshProxyPatch meshproxypatches mpp M fed targetRef
MeshRateLimit meshratelimits mrl M fed targetRef to from rules as-rules
MeshRetry meshretries mr M fed targetRef to
MeshTCPRoute meshtcproutes mtcpr M fed targetRef to
MeshTLS meshtlses mtls M fed targetRef from rules as-rules
MeshTimeout meshtimeouts mt M fed targetRef to from rules as-rules
MeshTrace meshtraces mtr M fed targetRef
MeshTrafficPermission meshtrafficpermissions mtp M fed targetRef from rules
MeshService meshservices msvc M
MeshExternalService meshexternalservices extsvc M fed
MeshMultiZoneService meshmultizoneservices mzsvc M fed
HostnameGenerator hostnamegenerators hg G fed
MeshIdentity meshidentities mid M fed
MeshTrust meshtrusts mtrust M fed
MeshOpenTelemetryBackend meshopentelemetrybackends motb M fed
MeshZoneAddress meshzoneaddresses mza M
Workload workloads wl M
`;
const expected = catalogue.trim().split("\n").sort();

interface Described {
  readonly name: string;
  readonly path: string;
  readonly shortName?: string;
  readonly scope: "Mesh" | "Global";
  readonly readOnly: boolean;
  readonly includeInFederation: boolean;
  readonly policy?: Readonly<Record<string, boolean>>;
}

function lineOf({ name, path, shortName = "-", scope, readOnly, includeInFederation, policy }: Described): string {
  const lists = [
    policy?.["hasToTargetRef"] && "to",
    policy?.["hasFromTargetRef"] && "from",
    policy?.["hasRulesTargetRef"] && "rules",
    policy?.["isFromAsRules"] && "as-rules",
  ];
  const flags = [readOnly && "ro", includeInFederation && "fed", policy && (policy["isTargetRef"] ? "targetRef" : "legacy")];
  return [name, path, shortName, scope.charAt(0), ...flags, ...lists].filter(Boolean).join(" ");
}

test("_resources is the peer's catalogue", async () => {
  const { call } = await testApi();
  const { resources } = (await call("GET", "/_resources")).json as { readonly resources: readonly Described[] };
  expect(resources.map(lineOf).sort()).toEqual(expected);
});

test("policies are what /policies lists", async () => {
  const { call } = await testApi();
  const { policies } = (await call("GET", "/policies")).json as { readonly policies: readonly { readonly name: string }[] };
  const names = expected.filter((line) => /legacy|targetRef/.test(line)).map((line) => line.split(" ")[0]);
  expect(policies.map(({ name }) => name)).toEqual([...names].sort());
});

/** Reference: rest-api.md section 3.4. The kinds' own data decide; here they are named. */
const zoneOwned = ["Dataplane", "ZoneIngress", "ZoneEgress", "MeshService", "MeshZoneAddress", "Workload"];
const refusedAtZone = ["Mesh", "ExternalService", "VirtualOutbound", "MeshGatewayRoute", "MeshMultiZoneService"];

test.each(["global", "zone", "standalone"] as const)("PUT and DELETE answer 405 for what is read-only at a %s", async (mode) => {
  const { call } = await testApi({ mode });
  for (const line of expected) {
    const [kind = "", path = "", , scope] = line.split(" ");
    const url = scope === "M" ? `/meshes/default/${path}/none` : `/${path}/none`;
    const isReadOnly =
      / ro( |$)/.test(line) ||
      (mode === "global" && zoneOwned.includes(kind)) ||
      (mode === "zone" && (refusedAtZone.includes(kind) || line.endsWith(" legacy")));
    const statuses = [(await call("PUT", url, {})).status, (await call("DELETE", url)).status];
    expect([kind, statuses.map((status) => status === 405)]).toEqual([kind, [isReadOnly, isReadOnly]]);
    expect(statuses.every((status) => status < 500)).toBe(true);
  }
});

test("every kind is listed, in its mesh and over all", async () => {
  const { call } = await testApi({ mode: "standalone", zone: "east" });
  for (const line of expected) {
    const [kind, path = "", , scope] = line.split(" ");
    for (const url of [`/${path}`, ...(scope === "M" ? [`/meshes/default/${path}`] : [])]) {
      const answer = await call("GET", url);
      expect([kind, answer.status, answer.json.total === answer.json.items.length]).toEqual([kind, 200, true]);
    }
  }
});

test("only what has an insight of its own has an overview", async () => {
  const { app } = await testApi();
  const withOverview = expected
    .map((line) => line.split(" "))
    .filter(([, path, , scope]) =>
      app.hasRoute({ method: "GET", url: `${scope === "M" ? "/meshes/:mesh" : ""}/${path}/_overview` }),
    )
    .map(([kind]) => kind);
  expect(withOverview).toEqual(["Dataplane", "Zone", "ZoneEgress", "ZoneIngress"]);
});
