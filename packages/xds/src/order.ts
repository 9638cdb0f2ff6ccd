import { typeUrls } from "@meridian/envoy";
import { isGateOpen } from "./gate.ts";
import { holdBack } from "./hold-back.ts";
import { respond } from "./respond.ts";
import { dependentTypes, foundationTypes, type Response, type StreamState, subscriptionOf } from "./state.ts";
import { mark, wants } from "./subscription.ts";

/**
 * Decides what may go out now. Make before break (xDS protocol, "Eventual consistency considerations"):
 *
 * 1. clusters (additions and updates), secrets and endpoints, at once;
 * 2. listeners and routes, once the responses of step 1 that they may depend on are answered;
 * 3. removals of clusters, once the proxy acknowledged listeners and routes that do not use them.
 *
 * Nothing is queued: each call compares what is desired with what is held, so that the newest state wins.
 */
export function pump(state: StreamState): Response[] {
  const responses: Response[] = [];
  for (const typeUrl of foundationTypes) {
    const response = respond(state, typeUrl, typeUrl === typeUrls.cluster ? "updates" : "both");
    if (response) responses.push(response);
    if (response && typeUrl === typeUrls.cluster) oweEndpointsOfUpdatedClusters(state);
  }
  if (!isGateOpen(state)) return responses;
  holdBack(state);
  for (const typeUrl of dependentTypes) {
    const response = respond(state, typeUrl, "both");
    if (response) responses.push(response);
  }
  const removal = mayRemoveClusters(state) ? respond(state, typeUrls.cluster, "removals") : undefined;
  if (removal) responses.push(removal);
  return responses;
}

/**
 * An updated cluster warms up again and takes its endpoints only from a new message: a subscription that goes on asks for
 * nothing (xDS protocol, "Resource warming").
 */
function oweEndpointsOfUpdatedClusters(state: StreamState): void {
  const inflight = subscriptionOf(state, typeUrls.cluster).inflight;
  const endpoints = subscriptionOf(state, typeUrls.endpoint);
  if (!inflight) return;
  const added = new Set(inflight.added);
  for (const { name } of inflight.resources) {
    if (added.has(name) || !wants(endpoints, name) || !endpoints.desired.has(name)) continue;
    mark(endpoints, name, { owed: true, after: inflight.after });
  }
}

/** A refused listener or route goes on in its last good version, which may use a cluster that is no longer desired. */
function mayRemoveClusters(state: StreamState): boolean {
  if (!subscriptionOf(state, typeUrls.listener).requested && !state.listenersNeverAsked) return false;
  return dependentTypes.every((typeUrl) => {
    const { inflight, pending, refused } = subscriptionOf(state, typeUrl);
    return inflight === undefined && pending.size === 0 && refused.size === 0;
  });
}
