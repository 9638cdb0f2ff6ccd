import { meshServiceMatcher, metaOf, serviceHostnames } from "@meridian/inspect";
import type { HostnameGeneratorSpec, KindDefinition, MeshServiceSpec, Resource } from "@meridian/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { notFound } from "../../http/errors.ts";
import type { ApiDeps } from "../../ports.ts";
import { assertMeshExists } from "../meshes.ts";
import { scanDataplanes } from "./dataplanes.ts";

type ServiceRequest = FastifyRequest<{ Params: { readonly mesh: string; readonly name: string } }>;
const serviceKinds: readonly string[] = ["MeshService", "MeshExternalService", "MeshMultiZoneService"];

/** Who is behind a service, and how it is called where (reference: rest-api.md section 4). */
export function serviceInspectRoutes(app: FastifyInstance, deps: ApiDeps, kind: KindDefinition): void {
  if (!serviceKinds.includes(kind.kind)) return;
  const config = { title: "Could not inspect a service" };
  const item = `/meshes/:mesh/${kind.path}/:name`;

  app.get(`${item}/_hostnames`, { config }, async (request: ServiceRequest) => {
    const service = await read(request);
    const generators = await deps.store.list<HostnameGeneratorSpec>("HostnameGenerator");
    const zones = deps.mode === "global" ? (await deps.store.list("Zone")).map(({ name }) => name) : [deps.zone ?? "default"];
    return serviceHostnames(service, { generators, zones });
  });

  if (kind.kind !== "MeshService") return;
  for (const path of ["_dataplanes", "_resources/dataplanes"]) {
    app.get(`${item}/${path}`, { config }, async (request: ServiceRequest) => {
      const service = await read(request);
      const isBehind = meshServiceMatcher(service as Resource<MeshServiceSpec>);
      return scanDataplanes({
        store: deps.store,
        request,
        mesh: service.mesh,
        itemOf: (dataplane) => (isBehind(dataplane) ? metaOf(dataplane) : undefined),
      });
    });
  }

  async function read({ params: { mesh, name } }: ServiceRequest): Promise<Resource> {
    await assertMeshExists(deps.store, mesh);
    const service = await deps.store.get({ kind: kind.kind, mesh, name });
    if (!service) throw notFound("Could not retrieve a resource");
    return service;
  }
}
