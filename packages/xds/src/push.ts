import { type ProxyPatch, typeUrls } from "@meridian/envoy";
import { raiseGate } from "./gate.ts";
import { releaseHeldBack } from "./hold-back.ts";
import { type PatchPart, patchParts } from "./patch-parts.ts";
import { dependentTypes, type StreamState } from "./state.ts";
import { allowsWildcard, mark, type Subscription, unmark, wants } from "./subscription.ts";

/** Moves the desired config on by one patch. What the proxy does not subscribe to is only remembered. */
export function applyPatch(state: StreamState, patch: ProxyPatch, generation: number): void {
  const after = state.generation;
  state.generation = generation;
  let dependentsChanged = false;
  for (const [typeUrl, part] of patchParts(patch)) {
    const subscription = state.subscriptions.get(typeUrl);
    if (!subscription) continue;
    const wasClean = subscription.pending.size === 0 && subscription.refused.size === 0;
    dropChangedRefusals(state, subscription, part);
    const isWhole = applyPart(subscription, part, after);
    if (wasClean && isWhole && subscription.pending.size > 0) subscription.exactPatch = patch;
    if (dependentTypes.includes(typeUrl) && subscription.pending.size > 0) dependentsChanged = true;
  }
  if (dependentsChanged) raiseGate(state);
}

/** @returns whether every resource of the part is pending now. */
function applyPart(subscription: Subscription, part: PatchPart, after: number): boolean {
  let isWhole = true;
  for (const resource of part.changed) {
    subscription.desired.set(resource.name, resource);
    subscription.vanished.delete(resource.name);
    const isSaid = subscription.inflight === undefined && subscription.held.get(resource.name)?.version === resource.version;
    if (isSaid) unmark(subscription, resource.name);
    if (isSaid || !wants(subscription, resource.name)) isWhole = false;
    else mark(subscription, resource.name, { owed: false, after });
  }
  for (const name of part.removed) {
    subscription.desired.delete(name);
    const isKnown = subscription.inflight !== undefined || subscription.held.has(name);
    if (!isKnown) unmark(subscription, name);
    if (!isKnown || !wants(subscription, name)) isWhole = false;
    else if (allowsWildcard(subscription.typeUrl)) mark(subscription, name, { owed: false, after });
    else {
      unmark(subscription, name);
      // Whatever used it goes first, and then the proxy unsubscribes by itself; see `tick.ts`.
      subscription.vanished.add(name);
    }
  }
  return isWhole;
}

function dropChangedRefusals(state: StreamState, subscription: Subscription, part: PatchPart): void {
  if (subscription.refused.size === 0) return;
  const names = [...part.removed];
  for (const { name, version } of part.changed) {
    if (subscription.refused.get(name)?.resource.version !== version) names.push(name);
  }
  for (const name of names) {
    const refusal = subscription.refused.get(name);
    if (!refusal) continue;
    subscription.refused.delete(name);
    mark(subscription, name, { owed: false, after: refusal.after });
    if (subscription.typeUrl === typeUrls.cluster) releaseHeldBack(state, name);
  }
}
