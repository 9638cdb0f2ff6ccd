import { type TypeUrl, typeUrls } from "@meridian/envoy";
import { dependentTypes, type StreamState, subscriptionOf } from "./state.ts";
import { type Inflight, type Subscription, wants } from "./subscription.ts";

/**
 * The proxy asks for the endpoints of a new cluster, and for the routes and secrets of a listener, once it has acknowledged them.
 * Until then the step is not complete. How long this may take is bounded in `tick.ts`.
 */
export function awaitFollowers(state: StreamState, subscription: Subscription, inflight: Inflight): void {
  if (subscription.typeUrl === typeUrls.cluster) {
    awaitNames(state, typeUrls.endpoint, inflight.added, inflight.after);
    // A cluster's secret may be asked for in the same breath as this ACK; which secret it is, only the proxy knows.
    if (unaskedNames(state, typeUrls.secret).length > 0) {
      state.turnPending = true;
      state.awaitedAfter = Math.min(state.awaitedAfter ?? inflight.after, inflight.after);
    }
  } else if (dependentTypes.includes(subscription.typeUrl)) {
    for (const typeUrl of [typeUrls.route, typeUrls.secret]) {
      awaitNames(state, typeUrl, unaskedNames(state, typeUrl), inflight.after);
    }
  }
}

/** After a reconnect the proxy asks again for the endpoints of the clusters that it holds: its listeners wait for those. */
export function awaitEndpointsOfHeldClusters(state: StreamState): void {
  awaitNames(state, typeUrls.endpoint, subscriptionOf(state, typeUrls.cluster).held.keys(), state.acknowledged);
}

function awaitNames(state: StreamState, typeUrl: TypeUrl, names: Iterable<string>, after: number): void {
  const subscription = subscriptionOf(state, typeUrl);
  for (const name of names) {
    if (!subscription.desired.has(name) || wants(subscription, name) || state.neverAsked.has(`${typeUrl} ${name}`)) continue;
    const awaited = state.awaited.get(typeUrl) ?? new Set();
    state.awaited.set(typeUrl, awaited.add(name));
    state.awaitedAfter = Math.min(state.awaitedAfter ?? after, after);
    state.awaitedTicks = 0;
  }
}

function unaskedNames(state: StreamState, typeUrl: TypeUrl): string[] {
  const subscription = subscriptionOf(state, typeUrl);
  const unasked: string[] = [];
  for (const name of subscription.desired.keys()) {
    if (!wants(subscription, name) && !state.neverAsked.has(`${typeUrl} ${name}`)) unasked.push(name);
  }
  return unasked;
}
