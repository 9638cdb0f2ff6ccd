import { typeUrls } from "@meridian/envoy";
import { type StreamState, subscriptionOf } from "./state.ts";
import { mark, type Subscription, uncertainVersion } from "./subscription.ts";

/** 5 seconds: see `tickMs`. */
const overdueTicks = 20;

/**
 * Envoy holds its ACK of clusters back until all of them are warm (ClusterManagerImpl pauses the type meanwhile). That is why listeners
 * may follow an ACK; but a cluster that never gets warm, e.g. for want of a secret, would hold up everything for ever, even its own removal.
 */
export function countOverdue(state: StreamState): void {
  state.clusterTicks = subscriptionOf(state, typeUrls.cluster).inflight ? state.clusterTicks + 1 : 0;
}

export function areClustersOverdue(state: StreamState): boolean {
  return state.clusterTicks >= overdueTicks;
}

/** Gives up on the answer in flight, to make place for a newer response: what it said is said again. */
export function supersede(state: StreamState, subscription: Subscription): void {
  const { inflight } = subscription;
  if (!inflight) return;
  subscription.inflight = undefined;
  state.clusterTicks = 0;
  for (const resource of inflight.resources) {
    subscription.held.set(resource.name, { ...resource, version: uncertainVersion });
    mark(subscription, resource.name, { owed: false, after: inflight.after });
  }
  for (const name of inflight.removed) mark(subscription, name, { owed: false, after: inflight.after });
}
