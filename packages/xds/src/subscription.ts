import { type EncodedResource, type ProxyPatch, type TypeUrl, typeUrls } from "@meridian/envoy";

/** What a proxy holds of one resource: sent by this stream, or named by the proxy after a reconnect. */
export type HeldResource = EncodedResource | { readonly version: string; readonly any?: undefined };

/** Of a resource that the proxy may or may not have applied: it refused another one of the same response. */
export const uncertainVersion = "";

export function isUncertain(held: HeldResource | undefined): boolean {
  return held === undefined || held.version === uncertainVersion;
}

/** A version that the proxy refused, or that is held back because a cluster it names was refused. */
export interface Refusal {
  readonly resource: EncodedResource;
  readonly message: string;
  /** Everything up to this generation was acknowledged when the refused version became desired. */
  readonly after: number;
  /** Set on a listener or route that was never sent: the refused new cluster that it names. */
  readonly heldBackFor?: string;
}

/** The one response of a type that waits for its ACK or NACK. */
export interface Inflight {
  readonly nonce: string;
  /** How many responses of this type this stream has sent, this one included. */
  readonly sequence: number;
  readonly resources: readonly EncodedResource[];
  readonly removed: readonly string[];
  /** The generation that was desired when it was sent. */
  readonly generation: number;
  /** Everything of this type up to this generation had been acknowledged before. */
  readonly after: number;
  /** Names that the proxy did not hold before this response. */
  readonly added: readonly string[];
}

/**
 * What one stream knows of one resource type: what the proxy subscribes to, what it holds, what it should hold. A plain value
 * that only `step` changes (compare go-control-plane's `subscription.go`).
 */
export interface Subscription {
  readonly typeUrl: TypeUrl;
  /** A request for this type has arrived. */
  requested: boolean;
  wildcard: boolean;
  readonly names: Set<string>;
  readonly desired: Map<string, EncodedResource>;
  readonly held: Map<string, HeldResource>;
  /** Names to look at before the next response; `true`: must be answered even if the version is known or nothing exists. */
  readonly pending: Map<string, boolean>;
  readonly refused: Map<string, Refusal>;
  /** Named resources that are no longer desired; see `order.ts` on why they wait. */
  readonly vanished: Set<string>;
  /** An empty answer is due: the proxy waits for the first one, whatever it says. */
  greetingDue: boolean;
  inflight: Inflight | undefined;
  /** Nonce of the last response, answered or not. */
  lastNonce: string;
  sentCount: number;
  /** With pending names: everything of this type up to this generation is acknowledged. */
  pendingAfter: number | undefined;
  /** Pending is exactly this patch's part of this type, so its encoded body can be shared between streams. */
  exactPatch: ProxyPatch | undefined;
}

/** Types of which an empty subscription means "all": xDS protocol, "How the client specifies what resources to return". */
export function allowsWildcard(typeUrl: TypeUrl): boolean {
  return typeUrl === typeUrls.listener || typeUrl === typeUrls.cluster;
}

export function createSubscription(typeUrl: TypeUrl, desired: ReadonlyMap<string, EncodedResource> | undefined): Subscription {
  return {
    typeUrl,
    requested: false,
    wildcard: false,
    names: new Set(),
    desired: new Map(desired),
    held: new Map(),
    pending: new Map(),
    refused: new Map(),
    vanished: new Set(),
    greetingDue: false,
    inflight: undefined,
    lastNonce: "",
    sentCount: 0,
    pendingAfter: undefined,
    exactPatch: undefined,
  };
}

export function wants(subscription: Subscription, name: string): boolean {
  return subscription.wildcard || subscription.names.has(name);
}

/** Notes that `name` has to be looked at. `after` is the generation up to which everything is acknowledged without it. */
export function mark(
  subscription: Subscription,
  name: string,
  options: { readonly owed: boolean; readonly after: number },
): void {
  subscription.exactPatch = undefined;
  subscription.pending.set(name, options.owed || subscription.pending.get(name) === true);
  subscription.pendingAfter = Math.min(subscription.pendingAfter ?? options.after, options.after);
}

export function unmark(subscription: Subscription, name: string): void {
  if (!subscription.pending.delete(name)) return;
  subscription.exactPatch = undefined;
  if (subscription.pending.size === 0) subscription.pendingAfter = undefined;
}

/** The proxy no longer asks for `name`: it has dropped the resource by itself. */
export function forget(subscription: Subscription, name: string): void {
  subscription.held.delete(name);
  subscription.refused.delete(name);
  subscription.vanished.delete(name);
  unmark(subscription, name);
}

/** What the pending names come down to now. Names with nothing left to say are dropped from pending on the way. */
export interface Due {
  readonly updates: readonly EncodedResource[];
  /** Names of held resources that are no longer desired. */
  readonly removals: readonly string[];
  /** Names that were asked for and do not exist: the proxy waits to hear so. */
  readonly missing: readonly string[];
}

const nothingDue: Due = { updates: [], removals: [], missing: [] };

export function due(subscription: Subscription): Due {
  if (subscription.pending.size === 0) return nothingDue;
  const updates: EncodedResource[] = [];
  const removals: string[] = [];
  const missing: string[] = [];
  for (const [name, owed] of subscription.pending) {
    const resource = subscription.desired.get(name);
    const held = subscription.held.get(name);
    if (!wants(subscription, name)) unmark(subscription, name);
    else if (resource && (owed || needsUpdate(subscription, resource, held))) updates.push(resource);
    else if (!resource && held) removals.push(name);
    else if (!resource && owed) missing.push(name);
    else unmark(subscription, name);
  }
  return { updates, removals, missing };
}

function needsUpdate(subscription: Subscription, resource: EncodedResource, held: HeldResource | undefined): boolean {
  if (held?.version === resource.version) return false;
  // The last good version stays until the refused one changes: sending it again would only be refused again.
  return subscription.refused.get(resource.name)?.resource.version !== resource.version;
}
