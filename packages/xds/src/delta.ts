import { type DeltaRequest, typeUrls } from "@meridian/envoy";
import { type Answered, takeAnswer } from "./answer.ts";
import { afterAsking, askFor, askForAll } from "./asking.ts";
import { awaitEndpointsOfHeldClusters } from "./followers.ts";
import { type StreamState, subscriptionOf } from "./state.ts";
import { allowsWildcard, forget, mark, type Subscription } from "./subscription.ts";

/** Takes one request of incremental ADS: an answer, a change of the subscription, or both. */
export function onDeltaRequest(state: StreamState, subscription: Subscription, request: DeltaRequest): Answered | undefined {
  const isFirst = !subscription.requested;
  subscription.requested = true;
  const answered = takeAnswer(state, subscription, request);
  if (isFirst) startSubscription(state, subscription, request);
  if (isFirst && subscription.typeUrl === typeUrls.listener) awaitEndpointsOfHeldClusters(state);
  for (const name of request.resourceNamesUnsubscribe) unsubscribe(state, subscription, name);
  for (const name of request.resourceNamesSubscribe) {
    if (isFirst && request.initialResourceVersions.has(name) && !isWarming(state, subscription, name))
      subscription.names.add(name);
    else if (name !== "*") askFor(state, subscription, name);
    else if (!isFirst && !subscription.wildcard) askForAll(state, subscription);
  }
  if (isFirst || request.resourceNamesSubscribe.length > 0) afterAsking(state, subscription);
  return answered;
}

/** After a reconnect the proxy says what it holds: only what differs is sent, and what has gone meanwhile is removed. */
function startSubscription(state: StreamState, subscription: Subscription, request: DeltaRequest): void {
  for (const [name, version] of request.initialResourceVersions) {
    subscription.held.set(name, { version });
    const isGone = !subscription.desired.has(name);
    if (isGone && !allowsWildcard(subscription.typeUrl)) subscription.vanished.add(name);
    else mark(subscription, name, { owed: false, after: state.acknowledged });
  }
  const isLegacyWildcard = request.resourceNamesSubscribe.length === 0 && allowsWildcard(subscription.typeUrl);
  if (!isLegacyWildcard && !request.resourceNamesSubscribe.includes("*")) return;
  askForAll(state, subscription);
  subscription.greetingDue = request.initialResourceVersions.size === 0;
}

/** The cluster of these endpoints was sent over this stream: it waits for them whether or not they changed. */
function isWarming(state: StreamState, subscription: Subscription, name: string): boolean {
  if (subscription.typeUrl !== typeUrls.endpoint) return false;
  const { held, inflight } = subscriptionOf(state, typeUrls.cluster);
  return held.get(name)?.any !== undefined || inflight?.resources.some((resource) => resource.name === name) === true;
}

function unsubscribe(state: StreamState, subscription: Subscription, name: string): void {
  if (name === "*") {
    subscription.wildcard = false;
    for (const held of [...subscription.held.keys()]) if (!subscription.names.has(held)) forget(subscription, held);
    return;
  }
  subscription.names.delete(name);
  // Under a wildcard the proxy has dropped what it still wants.
  if (subscription.wildcard) mark(subscription, name, { owed: true, after: state.acknowledged });
  else forget(subscription, name);
}
