import type { Resource, Tags } from "@meridian/model";
import type { BackendRef } from "../fragments/backend-ref.ts";
import type { FoundBackend } from "../inputs.ts";
import type { PolicyNote } from "../policy-note.ts";
import type { ProxySubject, RouteDestination, RouteEntry, WeightedDestination } from "../types.ts";
import type { RequestMatch } from "./request-match.ts";

/** What clients of a builtin gateway speak at one of its listeners. */
export type ListenerProtocol = "HTTP" | "HTTPS" | "TCP" | "TLS";

/** One listener of a builtin gateway: some hosts at one port (reference: resources-legacy.md section 14). */
export interface ListenerSubject {
  readonly port: number;
  readonly protocol: ListenerProtocol;
  /** A host pattern, see `hostPattern`. */
  readonly hostname: string;
  /** Those of the proxy, of the gateway and of the listener, merged: what routes and policies select it by. */
  readonly tags: Tags;
}

/** What `planListener` decides from. Lists may come in any order; equal content gives an equal plan. */
export interface ListenerPlanInput {
  /** The gateway proxy; its only tag set is that of the listener. */
  readonly subject: ProxySubject;
  readonly listener: ListenerSubject;
  readonly policiesOf: (kind: string) => readonly Resource[];
  readonly backendOf: (ref: BackendRef) => FoundBackend | undefined;
}

/** A rule of a route, for requests to some hosts. */
export interface HostedRule {
  /** A host pattern; absent: all hosts of the listener. */
  readonly hostname?: string;
  /** Of requests: tells which of several rules comes first. */
  readonly match: RequestMatch;
  /** Its Envoy routes; equal matches keep the order of the plan. */
  readonly entries: readonly RouteEntry[];
}

/** What routes decide for one listener of a builtin gateway. */
export interface ListenerPlan {
  /** For HTTP and HTTPS. */
  readonly rules: readonly HostedRule[];
  /** For TCP and TLS: where connections go. Empty: nowhere. */
  readonly connections: readonly WeightedDestination[];
  /** As in `RoutePlan`. */
  readonly idle: readonly RouteDestination[];
  /** `keyText` of the policies that decided, sorted. */
  readonly origins: readonly string[];
  readonly notes: readonly PolicyNote[];
}
