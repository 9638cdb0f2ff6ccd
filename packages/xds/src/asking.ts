import { type TypeUrl, typeUrls } from "@meridian/envoy";
import { raiseGate, raiseGateFor } from "./gate.ts";
import { dependentTypes, type StreamState } from "./state.ts";
import { mark, type Subscription } from "./subscription.ts";

/** The proxy asks for a name now, and gets an answer even if it was told before (xDS protocol, "Unsubscribing from resources"). */
export function askFor(state: StreamState, subscription: Subscription, name: string): void {
  subscription.names.add(name);
  mark(subscription, name, { owed: true, after: state.acknowledged });
  noteAsked(state, subscription.typeUrl, name);
}

/** The proxy asks for everything of the type. */
export function askForAll(state: StreamState, subscription: Subscription): void {
  subscription.wildcard = true;
  const names = new Set([...subscription.desired.keys(), ...subscription.held.keys()]);
  for (const name of names) mark(subscription, name, { owed: false, after: state.acknowledged });
}

/** Listeners and routes that are due now wait for what is on its way now. */
export function afterAsking(state: StreamState, subscription: Subscription): void {
  if (dependentTypes.includes(subscription.typeUrl) && subscription.pending.size > 0) raiseGate(state);
}

function noteAsked(state: StreamState, typeUrl: TypeUrl, name: string): void {
  const awaited = state.awaited.get(typeUrl);
  if (!awaited?.delete(name)) return;
  if (typeUrl === typeUrls.endpoint) raiseGateFor(state, typeUrl);
  if (awaited.size === 0) state.awaited.delete(typeUrl);
  if (state.awaited.size === 0 && !state.turnPending) state.awaitedAfter = undefined;
}
