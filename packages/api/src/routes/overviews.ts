import { type DataplaneSpec, type KindDefinition, labelNames, type Resource, renderResource } from "@meridian/model";
import type { FastifyInstance } from "fastify";
import { ConvergenceState } from "../convergence-state.ts";
import { notFound } from "../http/errors.ts";
import type { InsightView } from "../insight-view.ts";
import { fieldNameOf, overviewPathsOf } from "../kinds.ts";
import { insightsBeside } from "../listing/insights.ts";
import { listPage } from "../listing/list.ts";
import type { ApiDeps } from "../ports.ts";
import { assertMeshExists } from "./meshes.ts";

interface ItemParams {
  readonly mesh?: string;
  readonly name: string;
}

/** A resource beside its insight, for every kind that has one of its own. */
export function overviewRoutes(app: FastifyInstance, deps: ApiDeps, kind: KindDefinition): void {
  if (!kind.hasOverview) return;
  const { lists, items } = overviewPathsOf(kind, ":mesh", ":name");
  const listConfig = { config: { title: "Could not retrieve resources" } };
  for (const url of lists) app.get<{ Params: { mesh?: string } }>(url, listConfig, listOverviews);
  const itemConfig = { config: { title: "Could not retrieve a resource" } };
  for (const url of items) app.get<{ Params: ItemParams }>(url, itemConfig, getOverview);

  async function listOverviews(request: Parameters<typeof listPage>[2] & { params: { mesh?: string } }): Promise<object> {
    const { mesh } = request.params;
    if (mesh !== undefined) await assertMeshExists(deps.store, mesh);
    const page = await listPage(deps, kind, request, mesh);
    const state = stateNow(deps);
    const insights = await insightsOf(page.items);
    return { ...page, items: page.items.map((item, index) => overviewOf(item, insights[index] ?? {}, state)) };
  }

  async function getOverview(request: { readonly params: ItemParams }): Promise<object> {
    const { mesh = "", name } = request.params;
    const resource = await deps.store.get({ kind: kind.kind, mesh, name });
    if (!resource) throw notFound("Could not retrieve a resource");
    const [insight = {}] = await insightsOf([resource]);
    return overviewOf(resource, insight, stateNow(deps));
  }

  async function insightsOf(resources: readonly Resource[]): Promise<readonly InsightView[]> {
    return insightsBeside(deps.store, `${kind.kind}Insight`, resources);
  }

  function overviewOf(resource: Resource, insight: InsightView, state: ConvergenceState): object {
    const { spec, ...meta } = resource;
    const zone = kind.kind === "Zone" ? resource.name : resource.labels[labelNames.zone];
    const field = fieldNameOf(kind.kind);
    return {
      ...renderResource({ ...meta, spec: {} }, deps.kinds),
      type: `${kind.kind}Overview`,
      [field]: spec,
      [`${field}Insight`]: state.heardInsight(zone, insight),
      ...(kind.kind === "Zone" ? state.zone(resource) : state.proxy(resource, insight, isDegraded(spec))),
    };
  }
}

function stateNow(deps: ApiDeps): ConvergenceState {
  return new ConvergenceState(deps.convergence, deps.mode === "global" ? undefined : (deps.zone ?? ""));
}

/** Some inbound is not ready; gateways have none. Zone proxies have no `inbound` either. */
export function isDegraded(spec: unknown): boolean {
  const inbounds = (spec as DataplaneSpec).networking?.inbound ?? [];
  return inbounds.some((inbound) => inbound.state === "NotReady" || inbound.health?.ready === false);
}
