import {
  dataplaneLayout,
  dataplanePolicies,
  dataplaneRuleList,
  dataplaneRules,
  gatewayRules,
  inboundPolicies,
  type MeshInventory,
  outboundPolicies,
  outboundRoutes,
  proxyPolicies,
  routePolicies,
} from "@meridian/inspect";
import type { DataplaneSpec, MeshGatewaySpec, Resource } from "@meridian/model";
import type { FastifyInstance } from "fastify";
import { badRequest, notFound } from "../../http/errors.ts";
import type { ApiDeps } from "../../ports.ts";
import { readDataplane, readInventory } from "./inventory.ts";

interface Params {
  readonly mesh: string;
  readonly name: string;
  readonly kri?: string;
  readonly routeKri?: string;
}

type Answer = (inventory: MeshInventory, dataplane: Resource<DataplaneSpec>, params: Params) => object | undefined;

interface Endpoint {
  readonly path: string;
  readonly answer: Answer;
  /** Names real resources, so that it makes sense only in a mesh with nothing else. */
  readonly isExclusive?: boolean;
  /** What the KRI in the path has to begin with. */
  readonly kriOf?: "inbound" | "outbound";
}

const endpoints: readonly Endpoint[] = [
  { path: "policies", answer: dataplanePolicies },
  { path: "rules", answer: dataplaneRuleList },
  { path: "_rules", answer: dataplaneRules },
  { path: "_layout", answer: dataplaneLayout, isExclusive: true },
  { path: "_policies", answer: proxyPolicies, isExclusive: true },
  {
    path: "_inbounds/:kri/_policies",
    answer: (inventory, dataplane, { kri = "" }) => inboundPolicies(inventory, dataplane, kri),
    isExclusive: true,
    kriOf: "inbound",
  },
  {
    path: "_outbounds/:kri/_policies",
    answer: (inventory, dataplane, { kri = "" }) => outboundPolicies(inventory, dataplane, kri),
    isExclusive: true,
    kriOf: "outbound",
  },
  {
    path: "_outbounds/:kri/_routes",
    answer: (inventory, dataplane, { kri = "" }) => outboundRoutes(inventory, dataplane, kri),
    isExclusive: true,
    kriOf: "outbound",
  },
  {
    path: "_outbounds/:kri/_routes/:routeKri/_policies",
    answer: (inventory, dataplane, { kri = "", routeKri = "" }) =>
      routePolicies(inventory, dataplane, { outboundKri: kri, routeKri }),
    isExclusive: true,
    kriOf: "outbound",
  },
];

/** `/meshes/{mesh}/dataplanes/{name}/…`: what policies want of one data plane (reference: rest-api.md section 4). */
export function dataplaneInspectRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const config = { title: "Could not inspect a data plane" };
  for (const { path, answer, isExclusive = false, kriOf } of endpoints) {
    app.get<{ Params: Params }>(`/meshes/:mesh/dataplanes/:name/${path}`, { config }, async ({ params }) => {
      const dataplane = await readDataplane(deps.store, params.mesh, params.name);
      const inventory = await readInventory(deps, params.mesh);
      if (isExclusive) assertExclusive(inventory, path);
      if (kriOf) assertKri(params.kri, kriOf);
      if (params.routeKri !== undefined) assertKri(params.routeKri, "route");
      const body = answer(inventory, dataplane, params);
      if (!body) throw notFound("Could not retrieve a resource");
      return body;
    });
  }
  app.get<{ Params: Params }>("/meshes/:mesh/meshgateways/:name/_rules", { config }, async ({ params }) => {
    const inventory = await readInventory(deps, params.mesh);
    const gateway = inventory.list<MeshGatewaySpec>("MeshGateway").find(({ name }) => name === params.name);
    if (!gateway) throw notFound("Could not retrieve a resource");
    return gatewayRules(inventory, gateway);
  });
}

function assertExclusive({ mesh }: MeshInventory, path: string): void {
  if (mesh.spec.meshServices?.mode === "Exclusive") return;
  const endpoint = path.split("/").at(-1);
  throw badRequest(`${endpoint} needs a mesh with meshServices.mode: Exclusive; of other meshes, _rules tells the policies`);
}

const shortNames = { inbound: ["dp"], outbound: ["msvc", "extsvc", "mzsvc"], route: ["mhttpr", "mtcpr"] } as const;

function assertKri(kri = "", what: keyof typeof shortNames): void {
  const [prefix, shortName = "", ...parts] = kri.split("_");
  if (prefix === "kri" && parts.length === 5 && (shortNames[what] as readonly string[]).includes(shortName)) return;
  const expected = shortNames[what].map((name) => `kri_${name}_<mesh>_<zone>_<namespace>_<name>_<section>`);
  throw badRequest(`not the KRI of ${what === "route" ? "a route" : `an ${what}`}: ${expected.join(" or ")} was expected`);
}
