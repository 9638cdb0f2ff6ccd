import type { MeshInsightSpec, ServiceInsightSpec } from "@meridian/model";
import { type IsHeard, type ProxyCounts, sumOf } from "./counts.ts";
import type { ExternalTally, MeshTally, ServiceTally } from "./mesh-tally.ts";

/** A MeshInsight (reference: resources.md section 8); counts that are zero are left out, as in proto JSON. */
export function meshInsight(tally: MeshTally, isHeard: IsHeard, isPolicy: (kind: string) => boolean): MeshInsightSpec {
  const standard = tally.classes.standard.read(isHeard);
  const gatewayBuiltin = tally.classes.gatewayBuiltin.read(isHeard);
  const gatewayDelegated = tally.classes.gatewayDelegated.read(isHeard);
  const gateway = sumOf([gatewayBuiltin, gatewayDelegated]);
  const totals = tally.kinds.entries().map(([kind, total]) => [kind, { total }] as const);
  return {
    dataplanes: counted(sumOf([standard, gateway])),
    dataplanesByType: {
      standard: counted(standard),
      gateway: counted(gateway),
      gatewayBuiltin: counted(gatewayBuiltin),
      gatewayDelegated: counted(gatewayDelegated),
    },
    policies: Object.fromEntries(totals.filter(([kind]) => isPolicy(kind))),
    resources: Object.fromEntries(totals),
    dpVersions: { kumaDp: byName(tally.kumaDpVersions.read(isHeard)), envoy: byName(tally.envoyVersions.read(isHeard)) },
    mTLS: {
      issuedBackends: byName(tally.issuedBackends.read(isHeard)),
      supportedBackends: byName(tally.supportedBackends.read(isHeard)),
    },
    services: withoutZeros({
      total: tally.serviceNames().length,
      internal: tally.services.size,
      external: tally.externals.size,
    }),
  };
}

/** One service of a mesh. One that nobody offers has no proxies: as the peer answers, so that clients need no special case. */
export function serviceInsight(tally: MeshTally, name: string, isHeard: IsHeard): ServiceInsightSpec {
  const service = tally.services.get(name);
  if (service) return internalService(service, name, isHeard);
  const external = tally.externals.get(name);
  return {
    ...(external && { serviceType: "external" }),
    status: "not_available",
    dataplanes: {},
    issuedBackends: {},
    ...(external && { addressPort: addressPort(name) }),
    zones: external ? zonesOf(external) : [],
  };
}

function internalService(service: ServiceTally, name: string, isHeard: IsHeard): ServiceInsightSpec {
  const counts = service.proxies.read(isHeard);
  const { mainClass } = service;
  return {
    // The peer leaves it out for what most services are.
    ...(mainClass !== "standard" && { serviceType: serviceTypes[mainClass] }),
    status: statusOf(counts),
    dataplanes: counted(counts),
    issuedBackends: Object.fromEntries(service.issuedBackends.entries()),
    addressPort: addressPort(name),
    zones: [...service.proxies.zones],
  };
}

const serviceTypes = { gatewayBuiltin: "gateway_builtin", gatewayDelegated: "gateway_delegated" } as const;

/** A service is online when all of its proxies are, offline when none is, and degraded between. */
export function statusOf({ total, online }: ProxyCounts): "online" | "offline" | "partially_degraded" {
  if (online === 0) return "offline";
  return online === total ? "online" : "partially_degraded";
}

function zonesOf(external: ExternalTally): string[] {
  return external.zones.entries().map(([zone]) => zone);
}

/** The peer's name of a service inside the mesh. */
function addressPort(service: string): string {
  return `${service}.mesh:80`;
}

function counted(counts: ProxyCounts): Partial<ProxyCounts> {
  return withoutZeros({ ...counts });
}

function byName(entries: readonly (readonly [string, ProxyCounts])[]): Record<string, Partial<ProxyCounts>> {
  return Object.fromEntries(entries.map(([name, counts]) => [name, counted(counts)]));
}

function withoutZeros<T extends Readonly<Record<string, number>>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<T>;
}
