import type { FastifyInstance } from "fastify";
import { ConvergenceState } from "../convergence-state.ts";
import { globalCounts, kindTotals } from "../insights/global-view.ts";
import type { ApiDeps } from "../ports.ts";

/** Counts over all meshes (reference: rest-api.md section 2), as they are now. */
export function globalInsightRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const title = "Could not retrieve the global insight";
  app.get("/global-insight", { config: { title } }, async () => {
    const zones = await deps.store.list("Zone");
    const { tallies } = await deps.insights.current();
    const state = new ConvergenceState(deps.convergence, deps.mode === "global" ? undefined : (deps.zone ?? ""));
    const isHeard = (zone: string): boolean => state.isHeard(zone);
    const { zoneEgresses, zoneIngresses, ...counts } = globalCounts(tallies, deps.kinds, isHeard);
    const online = zones.filter((zone) => state.zone(zone).status === "online").length;
    return {
      createdAt: new Date().toISOString(),
      ...counts,
      zones: { controlPlanes: { online, total: zones.length }, zoneEgresses, zoneIngresses },
    };
  });

  /** Older form: kinds of global scope only. */
  app.get("/global-insights", { config: { title } }, async () => {
    const { tallies } = await deps.insights.current();
    const isShown = (kind: string): boolean => deps.kinds.get(kind)?.scope === "global" && kind !== "Config";
    return {
      type: "GlobalInsights",
      creationTime: new Date().toISOString(),
      resources: Object.fromEntries(Object.entries(kindTotals(tallies, deps.kinds)).filter(([kind]) => isShown(kind))),
    };
  });
}
