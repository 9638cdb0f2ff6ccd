import type { ProxyState } from "@meridian/services";

/** The fields of a DataplaneInsight that services are counted by (reference: dataplane-protocol.md section 13). */
interface InsightFacts {
  readonly subscriptions?: readonly { readonly connectTime?: string; readonly disconnectTime?: string }[];
  readonly mTLS?: { readonly certificateExpirationTime?: string };
}

export const insightKind = "DataplaneInsight";

/** Connected: its newest stream has not ended. Certified: it was given a certificate. */
export function proxyStateOf(insight: unknown): ProxyState {
  const { subscriptions, mTLS } = (insight ?? {}) as InsightFacts;
  const newest = subscriptions?.at(-1);
  return {
    isConnected: newest?.connectTime !== undefined && newest.disconnectTime === undefined,
    isCertified: mTLS?.certificateExpirationTime !== undefined,
  };
}
