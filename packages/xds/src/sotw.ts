import type { StateOfTheWorldRequest } from "@meridian/envoy";
import { type Answered, takeAnswer } from "./answer.ts";
import { afterAsking, askFor, askForAll } from "./asking.ts";
import type { StreamState } from "./state.ts";
import { allowsWildcard, forget, type Subscription } from "./subscription.ts";

/** Takes one request of state-of-the-world ADS. */
export function onSotwRequest(
  state: StreamState,
  subscription: Subscription,
  request: StateOfTheWorldRequest,
): Answered | undefined {
  const isFirst = !subscription.requested;
  subscription.requested = true;
  const isAnswer = subscription.inflight !== undefined && request.responseNonce === subscription.inflight.nonce;
  // A request that was sent before the proxy read our last response answers nothing, but its names count: requests come in order,
  // and a name that goes and comes back between two responses has to be answered.
  const isStale = request.responseNonce !== "" && request.responseNonce !== subscription.lastNonce;
  const answered = takeAnswer(state, subscription, request);
  if (isFirst && request.resourceNames.length === 0 && allowsWildcard(subscription.typeUrl)) {
    askForAll(state, subscription);
    subscription.greetingDue = true;
    afterAsking(state, subscription);
  } else if (!subscription.wildcard) {
    changeNames(state, subscription, request.resourceNames, !isAnswer && !isStale);
  }
  return answered;
}

/**
 * The names of a request are the whole subscription. One that neither answers nor changes the names asks again for all: Envoy does
 * that when a cluster that it knows warms up anew.
 */
function changeNames(state: StreamState, subscription: Subscription, names: readonly string[], isQuestion: boolean): void {
  const next = new Set(names);
  const gone = [...subscription.names].filter((name) => !next.has(name));
  const asked = names.filter((name) => !subscription.names.has(name));
  for (const name of gone) {
    subscription.names.delete(name);
    forget(subscription, name);
  }
  const isRepeated = isQuestion && gone.length === 0 && asked.length === 0;
  for (const name of isRepeated ? names : asked) askFor(state, subscription, name);
  if (isRepeated || asked.length > 0) afterAsking(state, subscription);
}
