import { type KindDefinition, type Resource, renderResource } from "@meridian/model";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { assertAccess } from "../http/access.ts";
import { badRequest, notFound } from "../http/errors.ts";
import { one, type Query, wholeNumber } from "../http/query.ts";
import { pathsOf } from "../kinds.ts";
import { insightAsResource } from "../listing/insights.ts";
import { listPage } from "../listing/list.ts";
import { PageWriter } from "../listing/page-text.ts";
import type { ApiDeps, ApiLimits } from "../ports.ts";
import { readAsOf } from "./as-of.ts";
import { assertMeshExists } from "./meshes.ts";
import { deleteResource, putResource } from "./writes.ts";

export interface ItemParams {
  readonly mesh?: string;
  readonly name: string;
}

type ItemRequest = FastifyRequest<{ Params: ItemParams }>;

/** List, get, put and delete of one kind (reference: rest-api.md section 3); the kind itself says where. */
export function resourceRoutes(app: FastifyInstance, deps: ApiDeps, kind: KindDefinition, limits: ApiLimits): void {
  const pages = new PageWriter(deps.kinds);
  for (const path of pathsOf(kind)) {
    const own = kind.scope === "mesh" ? `/meshes/:mesh/${path}` : `/${path}`;
    const listConfig = { config: { title: "Could not retrieve resources" } };
    app.get<{ Params: { mesh?: string } }>(own, listConfig, (request, reply) => list(request, reply, request.params.mesh));
    if (kind.scope === "mesh") app.get(`/${path}`, listConfig, (request, reply) => list(request, reply, undefined));

    const item = `${own}/:name`;
    app.get<{ Params: ItemParams }>(item, { config: { title: "Could not retrieve a resource" } }, get);
    const writeOptions = { config: { title: "Could not process a resource" }, bodyLimit: limits.resourceBodyBytes };
    app.put<{ Params: ItemParams }>(item, writeOptions, (request, reply) => putResource(deps, kind, request, reply));
    const deleteConfig = { config: { title: "Could not delete a resource" } };
    app.delete<{ Params: ItemParams }>(item, deleteConfig, (request, reply) => deleteResource(deps, kind, request, reply));
  }

  async function list(request: FastifyRequest, reply: FastifyReply, mesh: string | undefined): Promise<FastifyReply> {
    assertAccess(request.user, kind);
    if (mesh !== undefined) await assertMeshExists(deps.store, mesh);
    const page = await listPage(deps, kind, request, mesh);
    return reply.header("content-type", "application/json").send(pages.write(page));
  }

  async function get(request: ItemRequest, reply: FastifyReply): Promise<object> {
    assertAccess(request.user, kind);
    const format = parseFormat(one(request.query as Query, "format"));
    const { mesh = "", name } = request.params;
    const revision = wholeNumber(request.query as Query, "revision");
    const resource = await (revision === undefined
      ? read(deps, kind, { mesh, name })
      : readAsOf(deps, kind, { mesh, name, revision }));
    if (!resource) throw notFound("Could not retrieve a resource");
    if (kind.category !== "insight") reply.header("etag", `"${resource.version}"`);
    return renderResource(resource, deps.kinds, format);
  }
}

/** A resource, or an insight: those live outside the log. */
export async function read(
  deps: Pick<ApiDeps, "store">,
  kind: KindDefinition,
  at: { readonly mesh: string; readonly name: string },
): Promise<Resource | undefined> {
  const key = { kind: kind.kind, ...at };
  if (kind.category !== "insight") return deps.store.get(key);
  const entry = await deps.store.getStatus(key);
  return entry && insightAsResource(entry);
}

export function parseFormat(format = "universal"): "universal" | "kubernetes" {
  if (format === "universal") return "universal";
  if (format === "kubernetes" || format === "k8s") return "kubernetes";
  throw badRequest(`format "${format}" is not known: use universal, kubernetes or k8s`);
}
