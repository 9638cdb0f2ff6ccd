import { errorMessage } from "@meridian/base";
import { type KindDefinition, labelNames } from "@meridian/model";
import type { FastifyInstance } from "fastify";
import { ApiProblem, notFound } from "../http/errors.ts";
import { one, type Query } from "../http/query.ts";
import type { ApiDeps, ProxyAdminPort } from "../ports.ts";

type AdminRequest = Parameters<ProxyAdminPort["request"]>[1];

const title = "Could not execute admin operation";
export const adminOperations: readonly {
  readonly path: string;
  readonly type: AdminRequest["type"];
  readonly allowed: readonly string[];
}[] = [
  { path: "xds", type: "config_dump", allowed: ["include_eds"] },
  { path: "stats", type: "stats", allowed: ["format", "usedonly", "filter"] },
  { path: "clusters", type: "clusters", allowed: ["format"] },
];

type ProxyKind = KindDefinition & { readonly kind: AdminRequest["proxyKind"] };

export function isProxyKind(kind: KindDefinition): kind is ProxyKind {
  return ["Dataplane", "ZoneIngress", "ZoneEgress"].includes(kind.kind);
}

/** `…/dataplanes/{name}/{xds|stats|clusters}`, also of zone proxies: what the proxy itself says (reference: rest-api.md section 4). */
export function proxyAdminRoutes(app: FastifyInstance, deps: ApiDeps, kind: KindDefinition): void {
  const { proxyAdmin } = deps;
  if (!proxyAdmin || !isProxyKind(kind)) return;
  const { kind: proxyKind } = kind;
  const prefix = kind.scope === "mesh" ? `/meshes/:mesh/${kind.path}` : `/${kind.path}`;
  for (const { path, type, allowed } of adminOperations) {
    app.get<{ Params: { mesh?: string; name: string } }>(
      `${prefix}/:name/${path}`,
      { config: { title } },
      async (request, reply) => {
        const { mesh = "", name } = request.params;
        const resource = await deps.store.get({ kind: kind.kind, mesh, name });
        if (!resource) throw notFound("Could not retrieve a resource");
        const query = allowedQuery(request.query as Query, allowed);
        const isJson = type === "config_dump" || one(request.query as Query, "format") === "json";
        const answer = await proxyAdmin
          .request(resource.labels[labelNames.zone], {
            type,
            proxyKind,
            mesh,
            name: resource.labels[labelNames.displayName] ?? name,
            ...(query !== "" && { query }),
          })
          .catch((error: unknown) => {
            throw new ApiProblem({ status: 400, title, detail: errorMessage(error) });
          });
        return reply.header("content-type", isJson ? "application/json" : "text/plain").send(answer);
      },
    );
  }
}

/** Only parameters that Envoy's read-only endpoints know: nothing else goes through to a proxy. */
function allowedQuery(query: Query, allowed: readonly string[]): string {
  const params = new URLSearchParams();
  for (const name of allowed) {
    const value = one(query, name);
    if (value !== undefined) params.set(name, value);
  }
  return params.toString();
}
