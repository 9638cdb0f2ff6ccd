import { type EncodedResource, typeUrls } from "@meridian/envoy";
import { awaitFollowers } from "./followers.ts";
import { raiseGateFor } from "./gate.ts";
import { releaseHeldBack } from "./hold-back.ts";
import { nackOf, namedIn } from "./nack.ts";
import type { Nack } from "./ports.ts";
import { foundationTypes, type StreamState } from "./state.ts";
import { type Inflight, mark, type Subscription, uncertainVersion, wants } from "./subscription.ts";

/** The part of a request that answers a response. */
export interface Answer {
  readonly responseNonce: string;
  /** Present in a NACK. */
  readonly errorDetail: { readonly message: string } | undefined;
}

export interface Answered {
  readonly event: "acknowledged" | "rejected";
  readonly nack?: Nack;
}

/** Takes an ACK or NACK. One that names another response than the last is stale: it says nothing about what is in flight. */
export function takeAnswer(state: StreamState, subscription: Subscription, answer: Answer): Answered | undefined {
  const { inflight } = subscription;
  if (!inflight || answer.responseNonce !== inflight.nonce) return undefined;
  subscription.inflight = undefined;
  if (answer.errorDetail) return refuse(state, subscription, inflight, answer.errorDetail.message);
  for (const resource of inflight.resources) accept(state, subscription, resource);
  for (const name of inflight.removed) subscription.held.delete(name);
  if (inflight.resources.length > 0) awaitFollowers(state, subscription, inflight);
  return { event: "acknowledged" };
}

function accept(state: StreamState, subscription: Subscription, resource: EncodedResource): void {
  if (!wants(subscription, resource.name)) return;
  subscription.held.set(resource.name, resource);
  if (subscription.refused.delete(resource.name) && subscription.typeUrl === typeUrls.cluster) {
    releaseHeldBack(state, resource.name);
  }
}

/**
 * Envoy applies the good listeners and clusters of a refused response, and names the others in its message. The ones it names
 * are not sent again until they change; the rest is, so that its versions are known for certain. If it names none, all are refused:
 * each NACK refuses something, so this ends.
 */
function refuse(state: StreamState, subscription: Subscription, inflight: Inflight, message: string): Answered {
  const named = namedIn(message, inflight.resources);
  const refused = named.length > 0 ? named : inflight.resources;
  const isRefused = new Set(refused);
  for (const resource of refused) {
    if (subscription.desired.get(resource.name)?.version !== resource.version) continue;
    subscription.pending.delete(resource.name);
    subscription.refused.set(resource.name, { resource, message, after: inflight.after });
  }
  if (subscription.pending.size === 0) subscription.pendingAfter = undefined;
  for (const resource of inflight.resources) {
    if (isRefused.has(resource) || !wants(subscription, resource.name)) continue;
    subscription.held.set(resource.name, { ...resource, version: uncertainVersion });
    mark(subscription, resource.name, { owed: false, after: inflight.after });
  }
  // A removal cannot be refused: the proxy that complains about one does not have the resource.
  for (const name of inflight.removed) subscription.held.delete(name);
  subscription.exactPatch = undefined;
  state.refusalsReported = Math.max(state.refusalsReported, inflight.generation);
  const rest = inflight.resources.filter((resource) => !isRefused.has(resource));
  // What may depend on the rest waits for it to be said again.
  if (rest.length > 0 && foundationTypes.includes(subscription.typeUrl)) raiseGateFor(state, subscription.typeUrl);
  const { typeUrl } = subscription;
  const nack = nackOf(state, { typeUrl, message }, { resources: [...refused, ...rest], generation: inflight.generation });
  return { event: "rejected", nack };
}
