import { typeUrls } from "@meridian/envoy";
import { areClustersOverdue, countOverdue } from "./overdue.ts";
import { type StreamState, servedTypes, subscriptionOf } from "./state.ts";
import { mark, wants } from "./subscription.ts";

/** How often the shared timer ticks for the streams that asked for it. */
export const tickMs = 250;

/** A proxy that has not asked for what it was expected to ask for within this many ticks will not. */
const patienceTicks = 4;

/** Requests that came together with an ACK are read by now. */
export function onTurn(state: StreamState): void {
  state.turnPending = false;
  if (state.awaited.size === 0) state.awaitedAfter = undefined;
}

export function onTick(state: StreamState): void {
  removeVanished(state);
  countOverdue(state);
  if (!isWaiting(state)) return;
  state.awaitedTicks += 1;
  if (state.awaitedTicks < patienceTicks) return;
  state.awaitedTicks = 0;
  state.listenersNeverAsked = !subscriptionOf(state, typeUrls.listener).requested;
  for (const [typeUrl, names] of state.awaited) for (const name of names) state.neverAsked.add(`${typeUrl} ${name}`);
  state.awaited.clear();
  if (!state.turnPending) state.awaitedAfter = undefined;
}

/** Whether `onTick` has something to do. */
export function needsTick(state: StreamState): boolean {
  if (subscriptionOf(state, typeUrls.cluster).inflight && !areClustersOverdue(state)) return true;
  return isWaiting(state) || servedTypes.some((typeUrl) => subscriptionOf(state, typeUrl).vanished.size > 0);
}

function isWaiting(state: StreamState): boolean {
  if (state.awaited.size > 0) return true;
  const waitsForListeners = !state.listenersNeverAsked && !subscriptionOf(state, typeUrls.listener).requested;
  return waitsForListeners && subscriptionOf(state, typeUrls.cluster).pending.size > 0;
}

/**
 * Says that named resources have gone, to proxies that still ask for them. Most do not by now: they unsubscribed when the cluster
 * or listener went. Nobody waits for this: Envoy ignores such removals for endpoints and routes.
 */
function removeVanished(state: StreamState): void {
  for (const typeUrl of servedTypes) {
    const subscription = subscriptionOf(state, typeUrl);
    for (const name of subscription.vanished) {
      if (wants(subscription, name)) mark(subscription, name, { owed: false, after: state.generation });
    }
    subscription.vanished.clear();
  }
}
