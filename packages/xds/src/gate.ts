import { type TypeUrl, typeUrls } from "@meridian/envoy";
import { areClustersOverdue } from "./overdue.ts";
import { foundationTypes, type StreamState, subscriptionOf } from "./state.ts";

/** Makes listeners and routes wait for everything of step 1 that is on its way or due at this moment, and for no more. */
export function raiseGate(state: StreamState): void {
  for (const typeUrl of foundationTypes) {
    const subscription = subscriptionOf(state, typeUrl);
    const lastIsEnough = subscription.inflight !== undefined && subscription.pending.size === 0;
    state.gate.set(typeUrl, lastIsEnough ? subscription.sentCount : subscription.sentCount + 1);
  }
}

/** Makes them wait for the next response of one type. */
export function raiseGateFor(state: StreamState, typeUrl: TypeUrl): void {
  state.gate.set(typeUrl, subscriptionOf(state, typeUrl).sentCount + 1);
}

/** Whether listeners and routes may go out now. */
export function isGateOpen(state: StreamState): boolean {
  for (const [typeUrl, sequence] of state.gate) {
    const { inflight } = subscriptionOf(state, typeUrl);
    const isLate = typeUrl === typeUrls.cluster && areClustersOverdue(state);
    if (!inflight || inflight.sequence > sequence || isLate) state.gate.delete(typeUrl);
  }
  return state.gate.size === 0 && !state.turnPending && !state.awaited.has(typeUrls.endpoint);
}
