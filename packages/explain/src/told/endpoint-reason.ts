import type { ClusterEndpoint } from "../envoy/endpoints.ts";

/** Why an endpoint gets its share: `same zone, priority 0, weight 2 of 3`; what all have in common says nothing, and is left away. */
export function endpointReason(endpoint: ClusterEndpoint, all: readonly ClusterEndpoint[], ownZone: string): string {
  const { priority, weight, zone } = endpoint;
  const priorities = new Set(all.map((each) => each.priority));
  const peers = all.filter((each) => each.priority === priority);
  const total = peers.reduce((sum, each) => sum + each.weight, 0);
  const parts = [
    ...(zone === "" ? [] : [zone === ownZone ? "same zone" : "other zone"]),
    ...(priorities.size > 1 ? [`priority ${priority}`] : []),
    ...(peers.some((each) => each.weight !== weight) ? [`weight ${weight} of ${total}`] : []),
  ];
  return parts.join(", ");
}
