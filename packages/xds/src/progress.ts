import { typeUrls } from "@meridian/envoy";
import { dependentTypes, type StreamState, subscriptionOf } from "./state.ts";
import { allowsWildcard, type Subscription } from "./subscription.ts";

/**
 * The newest generation of which the proxy has acknowledged everything that it subscribes to. A proxy that has not asked for
 * its clusters or listeners yet, though it has some, is still starting: it has reached nothing.
 */
export function reachedGeneration(state: StreamState): number {
  let reached = reachedButForRefusals(state);
  for (const { refused } of state.subscriptions.values()) {
    for (const { after } of refused.values()) reached = Math.min(reached, after);
  }
  return reached;
}

/** The same, with what was refused and has not changed since counted as done. */
export function reachedButForRefusals(state: StreamState): number {
  let reached = Math.min(state.generation, state.awaitedAfter ?? state.generation);
  for (const subscription of state.subscriptions.values()) {
    if (!waitsForRefusals(state, subscription)) reached = Math.min(reached, reachedOf(subscription) ?? reached);
  }
  return reached;
}

/** All that is left to do is to remove clusters that the last good version of a refused listener or route may still use. */
function waitsForRefusals(state: StreamState, { typeUrl, inflight, pending, desired }: Subscription): boolean {
  if (typeUrl !== typeUrls.cluster || inflight || pending.size === 0) return false;
  if (!dependentTypes.some((dependent) => subscriptionOf(state, dependent).refused.size > 0)) return false;
  return [...pending.keys()].every((name) => !desired.has(name));
}

function reachedOf(subscription: Subscription): number | undefined {
  if (!subscription.requested) {
    const isStarting = allowsWildcard(subscription.typeUrl) && subscription.desired.size > 0;
    return isStarting ? Number.NEGATIVE_INFINITY : undefined;
  }
  const { inflight, pendingAfter } = subscription;
  if (inflight && pendingAfter !== undefined) return Math.min(inflight.after, pendingAfter);
  return inflight?.after ?? pendingAfter;
}
