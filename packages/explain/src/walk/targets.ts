import { hashSni, outboundClusterName, parseTagSni, typeUrls } from "@meridian/envoy";
import { resolveService, type ServicePortOf } from "@meridian/generator";
import type { RouteDestination } from "@meridian/policies";
import { arrivalOf, type WeightedName } from "../envoy/listeners.ts";
import { destinationText, realName } from "../told/words.ts";
import type { ZoneWorld } from "../worlds/zone-world.ts";
import { type Client, configOfClient } from "./client.ts";
import type { RoutedOutbound, Target } from "./routed.ts";

/** A cluster that no plan for an outbound speaks of, such as those of gateways: its server name tells whom it means. */
function unplanned(world: ZoneWorld, client: Client, { cluster, share }: WeightedName): Target {
  const json = configOfClient(client).json(typeUrls.cluster, cluster);
  const sni = json && arrivalOf(json).tls?.sni;
  const found = sni === undefined ? undefined : realServiceAsked(world, client.placed.resource.mesh, sni);
  if (found) {
    const { kind, name } = found.service;
    return { cluster, share, name: realName(found), tags: {}, backend: { kind, name, port: found.port.port } };
  }
  const { mesh: _, ...tags } = (sni === undefined ? undefined : parseTagSni(sni)) ?? {};
  return { cluster, share, name: destinationText(tags) || cluster, tags };
}

const realKinds = ["MeshService", "MeshMultiZoneService", "MeshExternalService"] as const;

/** The service whose server name this is. */
function realServiceAsked(world: ZoneWorld, mesh: string, sni: string): ServicePortOf | undefined {
  const port = Number(/^a[0-9a-f]{16}\..+\.(\d+)\.[^.]+\.m\w*s$/.exec(sni)?.[1]);
  if (Number.isNaN(port)) return undefined;
  for (const kind of realKinds) {
    for (const { mesh: own, name } of world.list(kind)) {
      const found = own === mesh ? resolveService(world.view, mesh, { kind, name, port }) : undefined;
      if (found && hashSni({ kind, name: found.service.sniName, mesh, port }) === sni) return found;
    }
  }
  return undefined;
}

/** Clusters with what they stand for; one that a policy in Envoy's own terms names stands for itself. */
export function targetsOf(
  world: ZoneWorld,
  { client, plan }: RoutedOutbound,
  clusters: readonly WeightedName[],
): readonly Target[] {
  const entries = plan === "cut" ? [] : plan.entries;
  const destinations = entries.flatMap((entry): readonly RouteDestination[] => [...entry.destinations, ...(entry.mirrors ?? [])]);
  const byName = new Map(destinations.map((destination) => [outboundClusterName(destination.tags), destination]));
  return clusters.map((cluster) => {
    const { tags = {}, backend } = byName.get(cluster.cluster) ?? {};
    const found = backend && resolveService(world.view, client.placed.resource.mesh, backend);
    if (found) return { ...cluster, name: realName(found), tags: {}, backend };
    if (!byName.has(cluster.cluster)) return unplanned(world, client, cluster);
    return { ...cluster, name: destinationText(tags) || cluster.cluster, tags };
  });
}
