import type { KindDefinition, Resource, Tags } from "@meridian/model";
import type { GatewayHooks, InboundHooks, OutboundHooks, ProxyHooks } from "./effects/hooks.ts";
import type { OutboundPlanInput, PermissionPlanInput, PolicyReach } from "./inputs.ts";
import type { ListenerPlan, ListenerPlanInput } from "./listeners/types.ts";
import { defaultInboundReach, defaultOutboundReach } from "./reach.ts";
import { roleWarnings, validateRole } from "./role-rules.ts";
import type { PermissionPlan, RoutePlan } from "./types.ts";

/**
 * What a policy kind does to a proxy's config. `plan…` decide alone, for the kind of the highest order that has something to say;
 * the others shape, kind after kind, what is there already. All see one target and every policy of the kind that may concern it.
 */
export interface PolicyApply {
  /** Decides the routes of one outbound. `"cut"`: no traffic at all. */
  readonly planOutbound?: (input: OutboundPlanInput) => RoutePlan | "cut" | undefined;
  /** Decides the routes of one listener of a builtin gateway. */
  readonly planListener?: (input: ListenerPlanInput) => ListenerPlan | undefined;
  /** Decides who may talk to one inbound. */
  readonly planPermission?: (input: PermissionPlanInput) => PermissionPlan | undefined;
  readonly outbound?: OutboundHooks<unknown>;
  readonly inbound?: InboundHooks<unknown>;
  readonly proxy?: ProxyHooks<unknown>;
  readonly gateway?: GatewayHooks<unknown>;
}

/**
 * What `outbound.decide` of a policy reads of the proxy, beside what its selectors name: the value of a tag or label, all of its
 * tags, or itself (`ProxySubject.self`, its name). Proxies that differ in nothing that is read share their outbounds, so ask for
 * little.
 */
export type ClientTrait = { readonly tag: string } | { readonly label: string } | "tags" | "self";

/** A policy kind: its definition for stores, API and docs, and its place in generation. */
export interface Policy<Spec = unknown> {
  readonly definition: KindDefinition<Spec>;
  /**
   * Ascending; a later kind overrides an earlier one. Source/destination kinds are below 100 (policies-envoy.md section 1), but for
   * ProxyTemplate, the last of all.
   */
  readonly order: number;
  readonly apply: PolicyApply;
  // Methods, not properties: a list of policies with different specs is then still a `readonly Policy[]`.
  /** Services whose outbounds a policy of this kind can change; absent: as its selectors say. Never too few. */
  outboundReach?(policy: Resource<Spec>): PolicyReach;
  /** Services whose inbounds a policy of this kind can change; absent: as its selectors say. */
  inboundReach?(policy: Resource<Spec>): PolicyReach;
  /** See `ClientTrait`; absent: none. */
  clientTraits?(policy: Resource<Spec>): readonly ClientTrait[];
  /** Tag sets that clients ask for because of a policy; absent: none. */
  destinations?(policy: Resource<Spec>): readonly Tags[];
}

/** What the author of a kind writes; the rest follows from `style`. */
export interface PolicyOptions<Spec> extends Omit<Policy<Spec>, "definition"> {
  readonly definition: Omit<KindDefinition<Spec>, "scope" | "category" | "sync" | "includeInFederation">;
}

/**
 * Completes a policy kind. Every policy is of mesh scope and federated; the source/destination kinds travel from the global to
 * the zones, the targetRef kinds also back and, for producers, on to the other zones (reference: multizone.md section 3).
 */
export function definePolicy<Spec>(options: PolicyOptions<Spec>): Policy<Spec> {
  const isTargetRef = options.definition.style === "spec";
  const sync = isTargetRef ? { globalToZone: true, zoneToGlobal: true, zoneToZone: true } : { globalToZone: true };
  const kind = isTargetRef ? withRoleRules(options.definition) : options.definition;
  const definition = { ...kind, scope: "mesh", category: "policy", sync, includeInFederation: true } as const;
  return { ...defaultReaches(options, isTargetRef), ...options, definition };
}

type Definition<Spec> = PolicyOptions<Spec>["definition"];

/** What holds for every kind with a target: which role may aim at what. */
function withRoleRules<Spec>(kind: Definition<Spec>): Definition<Spec> {
  return {
    ...kind,
    validate: (spec, context) => {
      const violations = kind.validate?.(spec, context) ?? [];
      return violations.length > 0 ? violations : validateRole(spec, context);
    },
    warnings: (spec, context) => [...(kind.warnings?.(spec, context) ?? []), ...roleWarnings(context.labels)],
  };
}

function defaultReaches<Spec>(
  { apply }: PolicyOptions<Spec>,
  isTargetRef: boolean,
): Pick<Policy, "outboundReach" | "inboundReach"> {
  return {
    ...(apply.outbound && { outboundReach: defaultOutboundReach(isTargetRef) }),
    ...(apply.inbound && { inboundReach: defaultInboundReach(isTargetRef) }),
  };
}
