import type { Rejection } from "@meridian/model";

/** Subscriptions of an insight, as far as they say who is connected. */
export interface InsightView {
  readonly subscriptions?: readonly { readonly connectTime?: string; readonly disconnectTime?: string }[];
  readonly rejection?: Rejection;
}

/** Whether its newest subscription has begun and not ended; without any, nobody is connected. */
export function isConnected(insight: InsightView): boolean {
  const last = insight.subscriptions?.at(-1);
  return last?.connectTime !== undefined && last.disconnectTime === undefined;
}
