import { Buffer } from "node:buffer";
import { type EncodedResource, typeUrls } from "@meridian/envoy";
import { dependentTypes, type StreamState, subscriptionOf } from "./state.ts";
import { isUncertain, mark, type Subscription, unmark } from "./subscription.ts";

/**
 * Keeps a listener or route at its last good version while it names a new cluster that the proxy refused: traffic sent to a
 * cluster that does not exist is answered with 503, so the last good config is only kept if both are kept.
 */
export function holdBack(state: StreamState): void {
  const broken = refusedNewClusters(state);
  if (broken.size === 0) return;
  // Routes first: what names a broken route is broken too.
  for (const typeUrl of [typeUrls.route, typeUrls.listener]) {
    const subscription = subscriptionOf(state, typeUrl);
    for (const name of [...subscription.pending.keys()]) {
      const resource = subscription.desired.get(name);
      const cluster = resource && brokenCluster(resource, broken);
      // What the proxy does not hold yet breaks nothing by itself.
      if (!resource || cluster === undefined || !subscription.held.has(name)) continue;
      holdBackOne(state, subscription, { resource, cluster });
    }
    if (typeUrl === typeUrls.route) addBrokenRoutes(subscription, broken);
  }
}

/** New routes that the proxy would ask for because of a listener. */
function addBrokenRoutes(routes: Subscription, broken: Map<string, string>): void {
  for (const [name, resource] of routes.desired) {
    const cluster = routes.held.has(name) ? undefined : brokenCluster(resource, broken);
    if (cluster !== undefined) broken.set(name, cluster);
  }
}

function holdBackOne(state: StreamState, subscription: Subscription, what: { resource: EncodedResource; cluster: string }): void {
  const { resource, cluster } = what;
  const after = subscription.pendingAfter ?? state.acknowledged;
  const message = `held back: cluster ${cluster} was refused`;
  subscription.refused.set(resource.name, { resource, message, after, heldBackFor: cluster });
  unmark(subscription, resource.name);
}

/** The refused cluster changed, went, or was accepted: what waited for it is looked at again. */
export function releaseHeldBack(state: StreamState, cluster: string): void {
  for (const typeUrl of dependentTypes) {
    const subscription = subscriptionOf(state, typeUrl);
    for (const [name, refusal] of subscription.refused) {
      if (refusal.heldBackFor !== cluster) continue;
      subscription.refused.delete(name);
      mark(subscription, name, { owed: false, after: refusal.after });
    }
  }
}

/** By name of what cannot be used: the cluster that is to blame. */
function refusedNewClusters(state: StreamState): Map<string, string> {
  const { refused, held } = subscriptionOf(state, typeUrls.cluster);
  const broken = new Map<string, string>();
  for (const name of refused.keys()) if (isUncertain(held.get(name))) broken.set(name, name);
  return broken;
}

function brokenCluster(resource: EncodedResource, broken: ReadonlyMap<string, string>): string | undefined {
  for (const [name, cluster] of broken) if (names(resource, name)) return cluster;
  return undefined;
}

/** A protobuf string is its length followed by its bytes; whatever field it stands in, holding back is safe. */
function names(resource: EncodedResource, name: string): boolean {
  const text = Buffer.from(name);
  const needle = text.length < 0x80 ? Buffer.concat([Buffer.from([text.length]), text]) : text;
  return Buffer.from(resource.any.buffer, resource.any.byteOffset, resource.any.byteLength).includes(needle);
}
