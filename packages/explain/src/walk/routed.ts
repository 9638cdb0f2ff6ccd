import type { Tags } from "@meridian/model";
import type { RouteDestination, RoutePlan } from "@meridian/policies";
import type { WeightedName } from "../envoy/listeners.ts";
import type { ExplainedRoute, Obstacle } from "../types.ts";
import type { Client } from "./client.ts";
import type { Outbound } from "./outbounds.ts";

/** What routes decide for one outbound, by policies and by the config that came of it. */
export interface RoutedOutbound {
  readonly client: Client;
  readonly outbound: Outbound;
  readonly plan: RoutePlan | "cut";
}

/** Where a route sends a part of its requests. */
export interface Target extends WeightedName {
  /** How people call it. */
  readonly name: string;
  /** Empty for a real service. */
  readonly tags: Tags;
  readonly backend?: NonNullable<RouteDestination["backend"]>;
}

/** What Envoy does with the request behind the outbound's listener. */
export interface Routing {
  readonly treats: "http" | "tcp" | "nothing";
  /** Of the plan behind it. */
  readonly policies: readonly string[];
  /** Only of HTTP. */
  readonly route?: ExplainedRoute;
  /** Routes that may take the request before it, in words. */
  readonly uncertain: readonly string[];
  /** Copies that nobody waits for, and what routes ask for in vain. */
  readonly notes: readonly string[];
  readonly targets: readonly Target[];
  /** The proxy answers by itself. */
  readonly answer?: { readonly text: string; readonly status: number };
  readonly obstacle?: { readonly reason: Obstacle; readonly text: string; readonly status?: number };
}

/** Before it is put into the words of whoever explains. */
export type BareRouting = Omit<Routing, "notes">;
