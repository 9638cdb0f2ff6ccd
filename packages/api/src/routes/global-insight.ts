import type { DataplaneSpec, Resource } from "@meridian/model";
import type { FastifyInstance } from "fastify";
import { ConvergenceState, type InsightView, type ProxyState } from "../convergence-state.ts";
import { servicesOf } from "../listing/kind-filters.ts";
import type { ApiDeps } from "../ports.ts";
import { isDegraded } from "./overviews.ts";

/** How many of something are in which state, as the peer counts. Whoever is not heard of counts as offline. */
class Tally {
  online = 0;
  offline = 0;
  partiallyDegraded = 0;
  total = 0;

  add(status: ProxyState["status"]): void {
    this.total += 1;
    if (status === "online") this.online += 1;
    else if (status === "partially_degraded") this.partiallyDegraded += 1;
    else this.offline += 1;
  }
}

type GatewayClass = "standard" | "gatewayBuiltin" | "gatewayDelegated";

/** `/global-insight`: counts over all meshes (reference: rest-api.md section 2), from the resources as they are now. */
export function globalInsightRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get("/global-insight", { config: { title: "Could not retrieve the global insight" } }, async () => {
    const state = new ConvergenceState(deps.convergence, deps.mode === "global" ? undefined : (deps.zone ?? ""));
    const totals = await countKinds(deps);
    const dataplanes = await proxyStatuses(deps, "Dataplane", state);
    const zones = await deps.store.list("Zone");
    return {
      createdAt: new Date().toISOString(),
      dataplanes: countDataplanes(dataplanes),
      meshes: { total: totals["Mesh"] ?? 0 },
      policies: { total: sum(deps, totals, (category) => category === "policy") },
      resources: Object.fromEntries(Object.entries(totals).map(([kind, total]) => [kind, { total }])),
      services: { external: { total: totals["ExternalService"] ?? 0 }, ...countServices(dataplanes) },
      zones: {
        controlPlanes: { online: zones.filter((zone) => state.zone(zone).status === "online").length, total: zones.length },
        zoneEgresses: onlineOf(await proxyStatuses(deps, "ZoneEgress", state)),
        zoneIngresses: onlineOf(await proxyStatuses(deps, "ZoneIngress", state)),
      },
    };
  });

  /** Older form: kinds of global scope only. */
  app.get("/global-insights", { config: { title: "Could not retrieve the global insight" } }, async () => {
    const totals = await countKinds(deps);
    const isGlobal = (kind: string): boolean => deps.kinds.get(kind)?.scope === "global";
    const resources = Object.entries(totals).filter(([kind]) => isGlobal(kind));
    return {
      type: "GlobalInsights",
      creationTime: new Date().toISOString(),
      resources: Object.fromEntries(resources.map(([kind, total]) => [kind, { total }])),
    };
  });
}

async function countKinds({ kinds, store }: ApiDeps): Promise<Readonly<Record<string, number>>> {
  const counted = kinds.all.filter((kind) => kind.category !== "insight");
  return Object.fromEntries(await Promise.all(counted.map(async ({ kind }) => [kind, await store.count(kind)] as const)));
}

function sum(deps: ApiDeps, totals: Readonly<Record<string, number>>, wanted: (category: string) => boolean): number {
  const kinds = deps.kinds.all.filter((kind) => wanted(kind.category));
  return kinds.reduce((total, kind) => total + (totals[kind.kind] ?? 0), 0);
}

interface ProxyStatus {
  readonly resource: Resource;
  readonly status: ProxyState["status"];
}

async function proxyStatuses(deps: ApiDeps, kind: string, state: ConvergenceState): Promise<readonly ProxyStatus[]> {
  if (!deps.kinds.get(kind)) return [];
  const [resources, insights] = await Promise.all([deps.store.list(kind), deps.store.listStatus<InsightView>(`${kind}Insight`)]);
  const byKey = new Map(insights.map(({ key, value }) => [`${key.mesh}/${key.name}`, value]));
  return resources.map((resource) => {
    const insight = byKey.get(`${resource.mesh}/${resource.name}`) ?? {};
    return { resource, status: state.proxy(resource, insight, isDegraded(resource.spec)).status };
  });
}

function classOf(resource: Resource): GatewayClass {
  const gateway = (resource.spec as DataplaneSpec).networking?.gateway;
  if (!gateway) return "standard";
  return gateway.type === "BUILTIN" ? "gatewayBuiltin" : "gatewayDelegated";
}

function countDataplanes(dataplanes: readonly ProxyStatus[]): Readonly<Record<GatewayClass, Tally>> {
  const tallies = { standard: new Tally(), gatewayBuiltin: new Tally(), gatewayDelegated: new Tally() };
  for (const { resource, status } of dataplanes) tallies[classOf(resource)].add(status);
  return tallies;
}

/** A service is online when all of its proxies are, offline when none is, and degraded between. */
function countServices(dataplanes: readonly ProxyStatus[]): object {
  const services = new Map<string, { readonly group: GatewayClass; readonly tally: Tally }>();
  for (const { resource, status } of dataplanes) {
    for (const name of servicesOf(resource.spec as DataplaneSpec)) {
      const key = `${resource.mesh}/${name}`;
      const service = services.get(key) ?? { group: classOf(resource), tally: new Tally() };
      services.set(key, service);
      service.tally.add(status);
    }
  }
  const groups = { standard: new Tally(), gatewayBuiltin: new Tally(), gatewayDelegated: new Tally() };
  for (const { group, tally } of services.values()) {
    groups[group].add(tally.online === tally.total ? "online" : tally.offline === tally.total ? "offline" : "partially_degraded");
  }
  return { internal: groups.standard, gatewayBuiltin: groups.gatewayBuiltin, gatewayDelegated: groups.gatewayDelegated };
}

function onlineOf(proxies: readonly ProxyStatus[]): { readonly online: number; readonly total: number } {
  return { online: proxies.filter(({ status }) => status === "online").length, total: proxies.length };
}
