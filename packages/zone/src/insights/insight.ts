import { type TypeUrl, typeUrls } from "@meridian/envoy";
import type { Rejection } from "@meridian/model";

/** Counters of one xDS type; 64 bit numbers, so text, as in proto JSON. */
export interface TypeStats {
  readonly responsesSent: string;
  readonly responsesAcknowledged: string;
  readonly responsesRejected: string;
}

/** One stream of a proxy. */
export interface Subscription {
  readonly id: string;
  readonly controlPlaneInstanceId: string;
  readonly connectTime: string;
  readonly disconnectTime?: string;
  readonly status: Readonly<Record<string, TypeStats | string>>;
  readonly version: unknown;
}

/** Value of a DataplaneInsight, ZoneIngressInsight or ZoneEgressInsight (reference: dataplane-protocol.md section 13). */
export interface ProxyInsight {
  readonly subscriptions?: readonly Subscription[];
  readonly mTLS?: {
    readonly certificateExpirationTime: string;
    readonly lastCertificateRegeneration: string;
    readonly certificateRegenerations: number;
    readonly issuedBackend: string;
    readonly supportedBackends: readonly string[];
  };
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Beyond the peer: the refusal that is in force, with the policies that caused it. */
  readonly rejection?: Rejection;
}

/** Field of `status` per type; the peer has no counter for secrets. */
export const statusFields: Readonly<Record<TypeUrl, string>> = {
  [typeUrls.cluster]: "cds",
  [typeUrls.endpoint]: "eds",
  [typeUrls.listener]: "lds",
  [typeUrls.route]: "rds",
  [typeUrls.secret]: "sds",
};

/** The newest streams count as they are; the rest goes. */
const keptSubscriptions = 2;

/** Streams before a new one: they have ended, whether anybody noticed or not. */
export function earlierSubscriptions(insight: ProxyInsight | undefined, now: string): readonly Subscription[] {
  const kept = (insight?.subscriptions ?? []).slice(-(keptSubscriptions - 1));
  return kept.map((subscription) => ({ ...subscription, disconnectTime: subscription.disconnectTime ?? now }));
}

/** The control plane instance that has the proxy's stream, as far as the insight knows; undefined when it has none. */
export function openInstanceOf(insight: ProxyInsight | undefined): string | undefined {
  const last = insight?.subscriptions?.at(-1);
  return last && last.disconnectTime === undefined ? last.controlPlaneInstanceId : undefined;
}

/** The same with its last stream ended. */
export function closedInsight(insight: ProxyInsight, now: string): ProxyInsight {
  const subscriptions = insight.subscriptions ?? [];
  const last = subscriptions.at(-1);
  return last ? { ...insight, subscriptions: [...subscriptions.slice(0, -1), { ...last, disconnectTime: now }] } : insight;
}
