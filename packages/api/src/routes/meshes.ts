import { notFound } from "../http/errors.ts";
import type { ApiStore } from "../ports.ts";

/** @throws ApiProblem 404 as the peer says it when a path names a mesh that is not there */
export async function assertMeshExists(store: ApiStore, mesh: string): Promise<void> {
  if (!(await store.get({ kind: "Mesh", mesh: "", name: mesh }))) throw notFound("Failed to retrieve Mesh");
}
