import { type EncodedResource, type ProxyPatch, type ProxyResources, type TypeUrl, typeUrls } from "@meridian/envoy";
import type { Nack } from "./ports.ts";
import { createSubscription, type Subscription } from "./subscription.ts";

/** Everything that one ADS stream knows. Only `step` changes it. */
export interface StreamState {
  readonly mode: "delta" | "sotw";
  readonly subscriptions: ReadonlyMap<TypeUrl, Subscription>;
  /** The newest generation that was pushed. */
  generation: number;
  /** The newest generation reported as acknowledged. */
  acknowledged: number;
  /** The newest generation for which standing refusals were reported. */
  refusalsReported: number;
  nonceCount: number;
  /** Listeners and routes wait until this response of the type is answered: see `order.ts`. */
  readonly gate: Map<TypeUrl, number>;
  /** Names that the proxy is expected to ask for in reaction to what it acknowledged. */
  readonly awaited: Map<TypeUrl, Set<string>>;
  /** Generation up to which everything was acknowledged before the awaited names; undefined when none are awaited. */
  awaitedAfter: number | undefined;
  awaitedTicks: number;
  /** Requests that the proxy sent together with an ACK are still to be read: decide when this turn of the loop is over. */
  turnPending: boolean;
  /** Ticks for which the clusters in flight are unanswered; see `overdue.ts`. */
  clusterTicks: number;
  /** The proxy had time to ask for listeners and did not: nothing can depend on a cluster that goes. */
  listenersNeverAsked: boolean;
  /** Names that were awaited in vain; they are not waited for again. */
  readonly neverAsked: Set<string>;
}

/** One response to be sent; the bytes are made by `encode.ts`. */
export interface Response {
  readonly typeUrl: TypeUrl;
  readonly nonce: string;
  /** Delta: what changed. State of the world: the whole set that the proxy may hold now. */
  readonly resources: readonly EncodedResource[];
  /** Delta only. */
  readonly removed: readonly string[];
  /** The response says exactly this part of this patch: its body is the same for every stream that takes the step. */
  readonly shared: SharedBody | undefined;
}

export interface SharedBody {
  readonly patch: ProxyPatch;
  readonly part: ResponsePart;
}

/** Clusters are added before listeners use them and removed after: updates and removals go in two responses. */
export type ResponsePart = "updates" | "removals" | "both";

/** What the socket loop and the owner of the proxy have to do after an event. */
export interface StepResult {
  readonly send: readonly Response[];
  readonly rejected: readonly Nack[];
  /** A generation that was reached now. */
  readonly acknowledged?: number;
  readonly answered?: { readonly event: "acknowledged" | "rejected"; readonly typeUrl: TypeUrl };
  /** Call `step` again: after this turn of the event loop, or at the next tick of the shared timer. */
  readonly wake?: "turn" | "tick";
}

/** In the order in which they are served. */
export const foundationTypes: readonly TypeUrl[] = [typeUrls.cluster, typeUrls.secret, typeUrls.endpoint];
export const dependentTypes: readonly TypeUrl[] = [typeUrls.listener, typeUrls.route];
export const servedTypes: readonly TypeUrl[] = [...foundationTypes, ...dependentTypes];

export interface StreamStart {
  readonly mode: "delta" | "sotw";
  readonly resources: ProxyResources;
  readonly generation: number;
}

export function createStreamState(start: StreamStart): StreamState {
  return {
    mode: start.mode,
    subscriptions: new Map(servedTypes.map((typeUrl) => [typeUrl, createSubscription(typeUrl, start.resources.get(typeUrl))])),
    generation: start.generation,
    acknowledged: Number.NEGATIVE_INFINITY,
    refusalsReported: Number.NEGATIVE_INFINITY,
    nonceCount: 0,
    gate: new Map(),
    awaited: new Map(),
    awaitedAfter: undefined,
    awaitedTicks: 0,
    turnPending: false,
    clusterTicks: 0,
    listenersNeverAsked: false,
    neverAsked: new Set(),
  };
}

/** @throws Error for a type that is not served: our bug, requests are checked before. */
export function subscriptionOf(state: StreamState, typeUrl: TypeUrl): Subscription {
  const subscription = state.subscriptions.get(typeUrl);
  if (!subscription) throw new Error(`no subscription for ${typeUrl}`);
  return subscription;
}

export function isServed(typeUrl: string): typeUrl is TypeUrl {
  return (servedTypes as readonly string[]).includes(typeUrl);
}
