import type { KindDefinition, PolicyStatus, Resource, ZonePolicyReport } from "@meridian/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { notFound } from "../http/errors.ts";
import { flag, type Query } from "../http/query.ts";
import { sendStream, WakeUp } from "../http/streams.ts";
import { hasPolicyStatus, pathsOf } from "../kinds.ts";
import { listPage } from "../listing/list.ts";
import { policyStatus } from "../policy-state.ts";
import type { ApiDeps, ApiLimits } from "../ports.ts";
import { assertMeshExists } from "./meshes.ts";
import type { ItemParams } from "./resources.ts";

/**
 * Where policies stand: `…/{name}/_status` of one, `…/_status` of a page of them. `wait=true` streams the status of one as
 * server-sent events: `progress` after each change, and `settled` once no proxy that can be heard has yet to answer or refuses it.
 */
export function policyStatusRoutes(app: FastifyInstance, deps: ApiDeps, limits: ApiLimits, kind: KindDefinition): void {
  if (!hasPolicyStatus(kind)) return;
  const listConfig = { config: { title: "Could not retrieve resources" } };
  const itemConfig = { config: { title: "Could not retrieve a resource" } };
  for (const path of pathsOf(kind)) {
    const own = kind.scope === "mesh" ? `/meshes/:mesh/${path}` : `/${path}`;
    app.get<{ Params: { mesh?: string } }>(`${own}/_status`, listConfig, (request) => list(request, request.params.mesh));
    if (kind.scope === "mesh") app.get(`/${path}/_status`, listConfig, (request) => list(request, undefined));
    app.get<{ Params: ItemParams }>(`${own}/:name/_status`, itemConfig, async (request, reply) => {
      const { mesh = "", name } = request.params;
      const read = (): Promise<PolicyStatus> => readStatus(deps, kind, { mesh, name });
      const now = await read();
      if (!flag(request.query as Query, "wait")) return now;
      return sendStream(app, reply, "text/event-stream", (signal) => statuses(deps, limits, read, signal));
    });
  }

  async function list(request: FastifyRequest, mesh: string | undefined): Promise<object> {
    if (mesh !== undefined) await assertMeshExists(deps.store, mesh);
    const { total, items, next } = await listPage(deps, kind, request, mesh);
    const reports = await deps.policies.policyStatus(items);
    return { total, items: items.map((item, index) => policyStatus(item, reports[index] ?? [])), next };
  }
}

async function readStatus(
  deps: Pick<ApiDeps, "store" | "policies">,
  kind: KindDefinition,
  at: { readonly mesh: string; readonly name: string },
): Promise<PolicyStatus> {
  const policy: Resource | undefined = await deps.store.get({ kind: kind.kind, ...at });
  if (!policy) throw notFound("Could not retrieve a resource");
  const [reports = []]: readonly (readonly ZonePolicyReport[])[] = await deps.policies.policyStatus([policy]);
  return policyStatus(policy, reports);
}

async function* statuses(
  { policies }: ApiDeps,
  limits: ApiLimits,
  read: () => Promise<PolicyStatus>,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  const changed = new WakeUp();
  const unsubscribe = policies.subscribePolicies(changed.wake);
  try {
    let told = "";
    while (!signal.aborted) {
      const status = await read();
      const data = JSON.stringify(status);
      if (status.state !== "pending" && status.state !== "rejected") {
        yield `event: settled\ndata: ${data}\n\n`;
        return;
      }
      yield data === told ? ": still here\n\n" : `event: progress\ndata: ${data}\n\n`;
      told = data;
      await changed.next(limits.heartbeatIntervalMs, signal);
    }
  } finally {
    unsubscribe();
  }
}
