import type { KindRegistry } from "@meridian/model";
import { type IsHeard, type ProxyCounts, sumOf, type ZonedCounts } from "./counts.ts";
import { statusOf } from "./mesh-view.ts";
import type { ProxyClass } from "./proxy-facts.ts";
import type { Tallies } from "./tallies.ts";

const classes: readonly ProxyClass[] = ["standard", "gatewayBuiltin", "gatewayDelegated"];

/** Counts over all meshes, as `/global-insight` shows them: zeros and all. */
export function globalCounts(tallies: Tallies, kinds: KindRegistry, isHeard: IsHeard) {
  const meshes = [...tallies.meshes()];
  const services = classes.map((one) => [one, servicesOf(tallies, one, isHeard)] as const);
  const { standard, ...gateways } = Object.fromEntries(services) as Record<ProxyClass, ProxyCounts>;
  const policies = kinds.all.filter(({ category }) => category === "policy");
  const external = meshes.reduce((total, mesh) => total + mesh.externals.size, 0);
  return {
    dataplanes: Object.fromEntries(
      classes.map((one) => [one, sumOf(meshes.map((mesh) => mesh.classes[one].read(isHeard)))] as const),
    ),
    meshes: { total: tallies.countOf("Mesh") },
    policies: { total: policies.reduce((total, { kind }) => total + tallies.countOf(kind), 0) },
    resources: kindTotals(tallies, kinds),
    services: { external: { total: external }, internal: standard, ...gateways },
    zoneEgresses: onlineOf(tallies.zoneProxies("ZoneEgress"), isHeard),
    zoneIngresses: onlineOf(tallies.zoneProxies("ZoneIngress"), isHeard),
  };
}

/** Every kind that users or zones write, the absent ones too. */
export function kindTotals(tallies: Tallies, kinds: KindRegistry): Readonly<Record<string, { readonly total: number }>> {
  const counted = kinds.all.filter(({ category }) => category !== "insight");
  return Object.fromEntries(counted.map(({ kind }) => [kind, { total: tallies.countOf(kind) }]));
}

function servicesOf(tallies: Tallies, proxyClass: ProxyClass, isHeard: IsHeard): ProxyCounts {
  const sum = { total: 0, online: 0, offline: 0, partiallyDegraded: 0 };
  for (const mesh of tallies.meshes()) {
    for (const service of mesh.services.values()) {
      if (service.mainClass !== proxyClass) continue;
      const status = statusOf(service.proxies.read(isHeard));
      sum.total += 1;
      sum[status === "partially_degraded" ? "partiallyDegraded" : status] += 1;
    }
  }
  return sum;
}

function onlineOf(counts: ZonedCounts, isHeard: IsHeard): { readonly online: number; readonly total: number } {
  const { online, partiallyDegraded, total } = counts.read(isHeard);
  return { online: online + partiallyDegraded, total };
}
