import { type EncodedResource, type TypeUrl, typeUrls } from "@meridian/envoy";
import { areClustersOverdue, supersede } from "./overdue.ts";
import { type Response, type ResponsePart, type StreamState, subscriptionOf } from "./state.ts";
import { allowsWildcard, type Due, due, isUncertain, type Subscription } from "./subscription.ts";

/** Makes the next response of a type out of what is due, or nothing. One response of a type is in flight at a time. */
export function respond(state: StreamState, typeUrl: TypeUrl, part: ResponsePart): Response | undefined {
  const subscription = subscriptionOf(state, typeUrl);
  if (!subscription.requested || (subscription.pending.size === 0 && !subscription.greetingDue)) return undefined;
  if (subscription.inflight) {
    if (typeUrl !== typeUrls.cluster || !areClustersOverdue(state)) return undefined;
    supersede(state, subscription);
  }
  const all = due(subscription);
  const updates = part === "removals" ? [] : all.updates;
  const removals = part === "updates" ? [] : all.removals;
  if (state.mode === "sotw") return sotwResponse(state, subscription, { updates, removals, missing: all.missing });
  return deltaResponse(state, subscription, { updates, removals, missing: all.missing }, part);
}

function deltaResponse(state: StreamState, subscription: Subscription, say: Due, part: ResponsePart): Response | undefined {
  if (say.updates.length + say.removals.length + say.missing.length === 0 && !subscription.greetingDue) return undefined;
  const patch = subscription.exactPatch;
  const removed = say.missing.length === 0 ? say.removals : [...say.removals, ...say.missing];
  const nonce = putInFlight(state, subscription, say.updates, removed);
  // With its updates gone, what is left of an exact patch is exactly its removals.
  if (patch && part === "updates" && subscription.pending.size > 0) subscription.exactPatch = patch;
  const shared = patch ? { patch, part } : undefined;
  return { typeUrl: subscription.typeUrl, nonce, resources: say.updates, removed, shared };
}

function sotwResponse(state: StreamState, subscription: Subscription, say: Due): Response | undefined {
  // State of the world has no way to say that a named resource does not exist.
  for (const name of say.missing) subscription.pending.delete(name);
  if (!allowsWildcard(subscription.typeUrl)) for (const name of say.removals) subscription.pending.delete(name);
  if (subscription.pending.size === 0) subscription.pendingAfter = undefined;
  const changesSet = say.updates.length > 0 || (say.removals.length > 0 && allowsWildcard(subscription.typeUrl));
  if (!changesSet && !subscription.greetingDue) return undefined;
  const resources = allowsWildcard(subscription.typeUrl) ? wholeSet(subscription, say) : say.updates;
  const nonce = putInFlight(state, subscription, say.updates, say.removals);
  return { typeUrl: subscription.typeUrl, nonce, resources, removed: [], shared: undefined };
}

/** All that the proxy may hold now: refused versions replaced by their last good one, removals that are not due yet included. */
function wholeSet(subscription: Subscription, say: Due): EncodedResource[] {
  const updated = new Set(say.updates);
  const removed = new Set(say.removals);
  const set: EncodedResource[] = [];
  for (const [name, resource] of subscription.desired) {
    if (!subscription.wildcard && !subscription.names.has(name)) continue;
    const held = subscription.held.get(name);
    if (updated.has(resource) || held?.version === resource.version) set.push(resource);
    else if (held?.any) set.push(held);
  }
  for (const [name, held] of subscription.held) {
    if (!subscription.desired.has(name) && !removed.has(name) && held.any) set.push(held);
  }
  return set;
}

function putInFlight(
  state: StreamState,
  subscription: Subscription,
  resources: readonly EncodedResource[],
  removed: readonly string[],
): string {
  const after = subscription.pendingAfter ?? state.acknowledged;
  for (const { name } of resources) subscription.pending.delete(name);
  for (const name of removed) subscription.pending.delete(name);
  if (subscription.pending.size === 0) subscription.pendingAfter = undefined;
  subscription.exactPatch = undefined;
  subscription.greetingDue = false;
  subscription.sentCount += 1;
  state.nonceCount += 1;
  if (subscription.typeUrl === typeUrls.cluster) state.clusterTicks = 0;
  const nonce = String(state.nonceCount);
  const added = resources.filter(({ name }) => isUncertain(subscription.held.get(name))).map(({ name }) => name);
  subscription.lastNonce = nonce;
  subscription.inflight = {
    nonce,
    sequence: subscription.sentCount,
    resources,
    removed,
    generation: state.generation,
    after,
    added,
  };
  return nonce;
}
