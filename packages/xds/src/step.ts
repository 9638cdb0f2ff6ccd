import type { DeltaRequest, ProxyPatch, StateOfTheWorldRequest } from "@meridian/envoy";
import type { Answered } from "./answer.ts";
import { onDeltaRequest } from "./delta.ts";
import { standingNacks } from "./nack.ts";
import { pump } from "./order.ts";
import type { Nack } from "./ports.ts";
import { reachedButForRefusals, reachedGeneration } from "./progress.ts";
import { applyPatch } from "./push.ts";
import { onSotwRequest } from "./sotw.ts";
import { isServed, type StepResult, type StreamState, subscriptionOf } from "./state.ts";
import { needsTick, onTick, onTurn } from "./tick.ts";

export type StreamEvent =
  | { readonly kind: "delta"; readonly request: DeltaRequest }
  | { readonly kind: "sotw"; readonly request: StateOfTheWorldRequest }
  | { readonly kind: "push"; readonly patch: ProxyPatch; readonly generation: number }
  /** The turn of the event loop in which `wake: "turn"` was answered is over. */
  | { readonly kind: "turn" }
  | { readonly kind: "tick" };

/**
 * The whole logic of an ADS stream: takes one event, changes `state`, and says what to send and to report. No clock, no I/O.
 * Requests for types that are not served are ignored: nothing is known of them, and an answer would claim otherwise.
 */
export function step(state: StreamState, event: StreamEvent): StepResult {
  const answered = takeEvent(state, event);
  const send = pump(state);
  const rejected: Nack[] = answered?.nack ? [answered.nack] : [];
  const reached = reachedGeneration(state);
  const isNewlyReached = reached > state.acknowledged;
  if (isNewlyReached) state.acknowledged = reached;
  rejected.push(...repeatedRefusals(state));
  return {
    send,
    rejected,
    ...(isNewlyReached && { acknowledged: reached }),
    ...(answered && "request" in event && isServed(event.request.typeUrl)
      ? { answered: { event: answered.event, typeUrl: event.request.typeUrl } }
      : undefined),
    ...wakeOf(state),
  };
}

function takeEvent(state: StreamState, event: StreamEvent): Answered | undefined {
  switch (event.kind) {
    case "delta": {
      const { typeUrl } = event.request;
      return isServed(typeUrl) ? onDeltaRequest(state, subscriptionOf(state, typeUrl), event.request) : undefined;
    }
    case "sotw": {
      const { typeUrl } = event.request;
      return isServed(typeUrl) ? onSotwRequest(state, subscriptionOf(state, typeUrl), event.request) : undefined;
    }
    case "push":
      applyPatch(state, event.patch, event.generation);
      return undefined;
    case "turn":
      onTurn(state);
      return undefined;
    case "tick":
      onTick(state);
      return undefined;
  }
}

/** A later generation is complete but for what was refused before: whoever waits for it must learn why it will not come. */
function repeatedRefusals(state: StreamState): Nack[] {
  const complete = reachedButForRefusals(state);
  if (complete <= state.refusalsReported || complete <= state.acknowledged) return [];
  const nacks = standingNacks(state, complete);
  if (nacks.length > 0) state.refusalsReported = complete;
  return nacks;
}

function wakeOf(state: StreamState): { readonly wake?: "turn" | "tick" } {
  if (state.turnPending) return { wake: "turn" };
  return needsTick(state) ? { wake: "tick" } : {};
}
