import { gatewayMatcher, metaOf, policyAttachmentReader, policyMatcher } from "@meridian/inspect";
import type { KindDefinition, Resource } from "@meridian/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { notFound } from "../../http/errors.ts";
import type { ApiDeps } from "../../ports.ts";
import { assertMeshExists } from "../meshes.ts";
import { scanAllDataplanes, scanDataplanes } from "./dataplanes.ts";
import { readInventoryFor } from "./inventory.ts";

type PolicyRequest = FastifyRequest<{ Params: { readonly mesh: string; readonly name: string } }>;

/** Which data planes a policy, or a gateway, is for (reference: rest-api.md section 4). */
export function policyInspectRoutes(app: FastifyInstance, deps: ApiDeps, kind: KindDefinition): void {
  const isGateway = kind.kind === "MeshGateway";
  if (kind.category !== "policy" && !isGateway) return;
  const config = { title: "Could not inspect a policy" };
  const item = `/meshes/:mesh/${kind.path}/:name`;
  const isTargetRef = kind.policy?.isTargetRef ?? false;

  app.get(`${item}/dataplanes`, { config }, async (request: PolicyRequest) => {
    const policy = await read(request);
    const inventory = await readInventoryFor(deps.store, policy, isTargetRef);
    const itemOf = isGateway ? gatewayItems(gatewayMatcher(inventory, policy)) : policyAttachmentReader(inventory, policy);
    return scanAllDataplanes({ store: deps.store, request, mesh: policy.mesh, itemOf });
  });

  app.get(`${item}/_resources/dataplanes`, { config }, async (request: PolicyRequest) => {
    const policy = await read(request);
    const inventory = await readInventoryFor(deps.store, policy, isTargetRef);
    const isMatched = isGateway ? gatewayMatcher(inventory, policy) : policyMatcher(inventory, policy);
    return scanDataplanes({
      store: deps.store,
      request,
      mesh: policy.mesh,
      itemOf: (dataplane) => (isMatched(dataplane) ? metaOf(dataplane) : undefined),
    });
  });

  async function read({ params: { mesh, name } }: PolicyRequest): Promise<Resource> {
    await assertMeshExists(deps.store, mesh);
    const policy = await deps.store.get({ kind: kind.kind, mesh, name });
    if (!policy) throw notFound("Could not retrieve a resource");
    return policy;
  }
}

function gatewayItems(
  isMatched: ReturnType<typeof gatewayMatcher>,
): (dataplane: Parameters<typeof isMatched>[0]) => object | undefined {
  return (dataplane) => {
    const { mesh, name } = dataplane;
    return isMatched(dataplane) ? { dataplane: { mesh, name } } : undefined;
  };
}
