import { type MeshInventory, meshInventory } from "@meridian/inspect";
import type { DataplaneSpec, KindRegistry, MeshSpec, Resource } from "@meridian/model";
import { notFound } from "../../http/errors.ts";
import type { ApiDeps, ApiStore } from "../../ports.ts";

/** What policies name besides proxies: gateways, routes, services. */
const referredKinds = [
  "MeshGateway",
  "MeshGatewayRoute",
  "MeshHTTPRoute",
  "MeshService",
  "MeshExternalService",
  "MeshMultiZoneService",
  "ExternalService",
] as const;

/** Everything that shapes a proxy of the mesh. @throws ApiProblem 404 when the mesh is not there */
export async function readInventory({ store, kinds }: Pick<ApiDeps, "store" | "kinds">, mesh: string): Promise<MeshInventory> {
  return read(store, mesh, [...policyKinds(kinds), ...referredKinds]);
}

/** What decides whether one policy attaches: those of its kind compete, health checks and the like follow where routes lead. */
export async function readInventoryFor(store: ApiStore, policy: Resource, isTargetRef: boolean): Promise<MeshInventory> {
  const competing = isTargetRef ? [] : [policy.kind, "TrafficRoute"];
  return read(store, policy.mesh, [...competing, ...referredKinds], isTargetRef ? [policy] : []);
}

/** @throws ApiProblem 404 for a mesh or data plane that is not there */
export async function readDataplane(store: ApiStore, mesh: string, name: string): Promise<Resource<DataplaneSpec>> {
  if (!(await store.get({ kind: "Mesh", mesh: "", name: mesh }))) throw notFound("Failed to retrieve Mesh");
  const dataplane = await store.get<DataplaneSpec>({ kind: "Dataplane", mesh, name });
  if (!dataplane) throw notFound("Could not retrieve a resource");
  return dataplane;
}

async function read(
  store: ApiStore,
  mesh: string,
  kinds: readonly string[],
  more: readonly Resource[] = [],
): Promise<MeshInventory> {
  const resource = await store.get<MeshSpec>({ kind: "Mesh", mesh: "", name: mesh });
  if (!resource) throw notFound("Failed to retrieve Mesh");
  const lists = await Promise.all([...new Set(kinds)].map((kind) => store.list(kind, { mesh })));
  const known = more.filter(({ kind }) => !kinds.includes(kind));
  return meshInventory(resource, [...lists.flat(), ...known]);
}

function policyKinds(kinds: KindRegistry): readonly string[] {
  return kinds.all.filter(({ category }) => category === "policy").map(({ kind }) => kind);
}
