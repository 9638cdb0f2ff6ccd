import type { Tags } from "@meridian/model";
import type { OutboundEffect, OutboundTarget, RoutePlan } from "@meridian/policies";

/** What an outbound is called in Envoy. */
export interface OutboundNames {
  /** Of its virtual host and its metrics. */
  readonly service: string;
  readonly routeConfigName: string;
  /** Tags of its listener; absent: those of the outbound. */
  readonly listenerTags?: Tags;
}

/** Where an outbound leads, and what policies want of it. */
export interface RoutedOutbound {
  readonly plan: RoutePlan;
  readonly target: OutboundTarget;
  readonly effects: readonly OutboundEffect[];
}
