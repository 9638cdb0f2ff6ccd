import { outboundClusterName, parseTagSni, typeUrls } from "@meridian/envoy";
import { resolveService } from "@meridian/generator";
import type { RouteDestination } from "@meridian/policies";
import { arrivalOf, type WeightedName } from "../envoy/listeners.ts";
import { destinationText, realName } from "../told/words.ts";
import type { ZoneWorld } from "../worlds/zone-world.ts";
import { type Client, configOfClient } from "./client.ts";
import type { RoutedOutbound, Target } from "./routed.ts";

/** A cluster that no plan for an outbound speaks of, such as those of gateways: its server name tells whom it means. */
function unplanned(client: Client, { cluster, share }: WeightedName): Target {
  const json = configOfClient(client).json(typeUrls.cluster, cluster);
  const sni = json && arrivalOf(json).tls?.sni;
  const { mesh: _, ...tags } = (sni === undefined ? undefined : parseTagSni(sni)) ?? {};
  return { cluster, share, name: destinationText(tags) || cluster, tags };
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
    if (!byName.has(cluster.cluster)) return unplanned(client, cluster);
    return { ...cluster, name: destinationText(tags) || cluster.cluster, tags };
  });
}
