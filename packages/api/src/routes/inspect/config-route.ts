import { proxyConfig, shadowView, zoneView } from "@meridian/inspect";
import { type DataplaneInsightSpec, labelNames, type Violation } from "@meridian/model";
import type { FastifyInstance } from "fastify";
import { invalid, methodNotAllowed, notFound } from "../../http/errors.ts";
import { all, one, type Query } from "../../http/query.ts";
import type { ApiDeps } from "../../ports.ts";
import { readDataplane } from "./inventory.ts";

/** What the generator looks at besides the resources of the mesh. */
const zoneKinds = ["ZoneIngress", "ZoneEgress", "HostnameGenerator"] as const;
const leftOut: ReadonlySet<string> = new Set(["secret", "insight"]);

/** `/meshes/{mesh}/dataplanes/{name}/_config?shadow&include=diff`: of a zone's own proxies (reference: rest-api.md section 4). */
export function proxyConfigRoute(app: FastifyInstance, deps: ApiDeps): void {
  const config = { title: "Could not inspect a data plane" };
  app.get<{ Params: { mesh: string; name: string } }>(
    "/meshes/:mesh/dataplanes/:name/_config",
    { config },
    async ({ params: { mesh, name }, query }) => {
      if (deps.mode === "global") throw methodNotAllowed("Not allowed on global CP");
      const options = parseOptions(query as Query);
      const dataplane = await readDataplane(deps.store, mesh, name);
      const insight = await deps.store.getStatus<DataplaneInsightSpec>({ kind: "DataplaneInsight", mesh, name });
      if (!insight) throw notFound("Could not retrieve a resource");
      const zone = dataplane.labels[labelNames.zone] ?? deps.zone ?? "default";
      const views = await viewsOf(deps, { mesh, zone }, options.isShadow);
      return proxyConfig({ ...views, proxy: describe(mesh, name, insight.value), withDiff: options.withDiff });
    },
  );
}

/** What is in force is at hand. What is not has to be made of everything that is there, and what it is held against, too. */
async function viewsOf(deps: ApiDeps, { mesh, zone }: { readonly mesh: string; readonly zone: string }, isShadow: boolean) {
  if (deps.view && !isShadow) return { view: deps.view() };
  const seen = { zone, resources: await readZone(deps, mesh) };
  return { view: zoneView(seen), shadow: isShadow ? shadowView(seen) : undefined };
}

async function readZone({ store, kinds }: ApiDeps, mesh: string) {
  const ofMesh = kinds.all.filter(({ scope, category }) => scope === "mesh" && !leftOut.has(category));
  const [own, ...lists] = await Promise.all([
    store.get({ kind: "Mesh", mesh: "", name: mesh }),
    ...ofMesh.map(({ kind }) => store.list(kind, { mesh })),
    ...zoneKinds.map((kind) => store.list(kind)),
  ]);
  return [...(own ? [own] : []), ...lists.flat()];
}

/** What the proxy told of itself when it connected, as far as its insight keeps it. */
function describe(mesh: string, name: string, { metadata = {} }: DataplaneInsightSpec) {
  const { features } = metadata as { readonly features?: unknown };
  return {
    id: `${mesh}.${name}`,
    type: "dataplane",
    mesh,
    name,
    features: new Set(Array.isArray(features) ? features.map(String) : []),
    admin: { address: "127.0.0.1", port: 9901 },
  } as const;
}

function parseOptions(query: Query): { readonly isShadow: boolean; readonly withDiff: boolean } {
  const shadow = one(query, "shadow") ?? "false";
  const includes = all(query, "include");
  const violations: Violation[] = [];
  if (!["true", "false", "1", "0"].includes(shadow)) violations.push({ path: "shadow", message: "must be true or false" });
  for (const include of includes) {
    if (include !== "diff") violations.push({ path: "include", message: `"${include}" is not known: only diff` });
  }
  if (violations.length > 0) throw invalid("Bad Request", violations, "Invalid query parameter");
  return { isShadow: shadow === "true" || shadow === "1", withDiff: includes.includes("diff") };
}
