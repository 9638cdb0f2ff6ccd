import { outboundClusterName } from "@meridian/envoy";
import { type Tags, tagNames } from "@meridian/model";
import { clustersOf, type WeightedName } from "../envoy/listeners.ts";
import type { Client } from "./client.ts";
import type { Obstruction } from "./hop.ts";
import type { RoutedOutbound } from "./routed.ts";

/** The mesh whose gateway is meant; undefined: the client's own, in which everything is. */
export function otherMeshOf({ placed }: Client, tags: Tags): string | undefined {
  const mesh = tags[tagNames.mesh];
  return mesh === placed.resource.mesh ? undefined : mesh;
}

/** Why the way is not followed into another mesh: nothing is looked at but the client's. */
export function beyondMesh(client: Client, tags: Tags): Obstruction | undefined {
  const other = otherMeshOf(client, tags);
  if (other === undefined) return undefined;
  const { mesh } = client.placed.resource;
  if (!client.world.view.mesh(mesh)?.mtls) {
    return {
      obstacle: "no-cluster",
      why: `gateways of other meshes let in those with mTLS only, which mesh ${mesh} does not have`,
    };
  }
  const service = tags[tagNames.service] ?? "";
  const why =
    `a gateway of mesh ${other} takes it, if that mesh has mTLS and a listener with crossMesh there; what becomes of it then, ` +
    `a question from ${service} in mesh ${other} tells`;
  return { obstacle: "unseen", why };
}

/** A cluster that a gateway does not get may be one for another mesh, if its routes lead to any: its name does not tell. */
export function mayBeBeyondMesh({ placed, world }: Client): boolean {
  const { mesh, spec } = placed.resource;
  if (spec.networking.gateway?.type !== "BUILTIN") return false;
  const routes = world.list("MeshGatewayRoute").filter((route) => route.mesh === mesh);
  return routes.some((route) => JSON.stringify(route.spec).includes(`"${tagNames.mesh}":`));
}

/** Where an outbound to another mesh leads, though Envoy's config was made here without that mesh. */
export function plannedClusters({ plan }: RoutedOutbound): readonly WeightedName[] {
  const destinations = plan === "cut" ? [] : (plan.entries.at(-1)?.destinations ?? []);
  const meant = destinations.map(({ tags, weight }) => ({ name: outboundClusterName(tags), weight }));
  return clustersOf({ weightedClusters: { clusters: meant } });
}
