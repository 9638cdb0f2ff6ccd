import type { MeshSpec, Resource } from "@meridian/model";
import type { ClientTrait } from "./core/define-policy.ts";
import type { GatewayEffect, InboundEffect, OutboundEffect, ProxyEffect } from "./core/effects/effect.ts";
import type {
  InboundDecisionInput,
  ListenerDecisionInput,
  OutboundDecisionInput,
  ProxyDecisionInput,
} from "./core/effects/targets.ts";
import { policies } from "./policies.ts";

type PoliciesOf = (kind: string) => readonly Resource[];
const outboundKinds = policies.filter(({ apply }) => apply.outbound);
const inboundKinds = policies.filter(({ apply }) => apply.inbound);
const gatewayKinds = policies.filter(({ apply }) => apply.gateway);
const proxyKinds = policies.filter(({ apply }) => apply.proxy);

/** What every kind wants of one outbound, in order of application. Kinds that have no say are left out. */
export function outboundEffects(
  input: Omit<OutboundDecisionInput, "policies">,
  policiesOf: PoliciesOf,
): readonly OutboundEffect[] {
  return outboundKinds.flatMap(({ definition: { kind }, apply: { outbound: hooks } }) => {
    const decision = hooks?.decide({ ...input, policies: policiesOf(kind) });
    return hooks && decision ? [{ kind, hooks, decision }] : [];
  });
}

export function inboundEffects(input: Omit<InboundDecisionInput, "policies">, policiesOf: PoliciesOf): readonly InboundEffect[] {
  return inboundKinds.flatMap(({ definition: { kind }, apply: { inbound: hooks } }) => {
    const decision = hooks?.decide({ ...input, policies: policiesOf(kind) });
    return hooks && decision ? [{ kind, hooks, decision }] : [];
  });
}

/** What every kind wants of one listener of a builtin gateway. */
export function gatewayEffects(input: Omit<ListenerDecisionInput, "policies">, policiesOf: PoliciesOf): readonly GatewayEffect[] {
  return gatewayKinds.flatMap(({ definition: { kind }, apply: { gateway: hooks } }) => {
    const decision = hooks?.decide({ ...input, policies: policiesOf(kind) });
    return hooks && decision ? [{ kind, hooks, decision }] : [];
  });
}

/** @param hasResources whether the proxy has something of its own already: kinds that only edit are not asked otherwise. */
export function proxyEffects(
  input: Omit<ProxyDecisionInput, "policies">,
  policiesOf: PoliciesOf,
  hasResources = true,
): readonly ProxyEffect[] {
  const kinds = hasResources ? proxyKinds : proxyKinds.filter(({ apply }) => !apply.proxy?.editsOnly);
  return kinds.flatMap(({ definition: { kind }, apply: { proxy: hooks } }) => {
    const decision = hooks?.decide({ ...input, policies: policiesOf(kind) });
    return hooks && decision ? [{ kind, hooks, decision }] : [];
  });
}

/** What the outbounds of clients depend on because of this policy, beside what its selectors name. */
export function clientTraits(policy: Resource): readonly ClientTrait[] {
  return policies.find(({ definition }) => definition.kind === policy.kind)?.clientTraits?.(policy) ?? [];
}

/** Whether a Mesh has outbounds depend on each proxy itself: a TrafficLog to a TCP backend names a pipe in its work directory. */
export function needsSelf({ logging }: MeshSpec): boolean {
  return (logging?.backends ?? []).some(({ type }) => type === "tcp");
}

/** By where a kind acts: which of the indexes of a view it belongs to. */
export const policyPlaces: ReadonlyMap<
  string,
  { readonly outbound: boolean; readonly inbound: boolean; readonly proxy: boolean }
> = new Map(
  policies.map(({ definition, apply }) => [
    definition.kind,
    {
      outbound: Boolean(apply.outbound || apply.planOutbound),
      inbound: Boolean(apply.inbound || apply.planPermission),
      proxy: Boolean(apply.proxy),
    },
  ]),
);

/** Kinds that are no policies themselves but that policies and destinations refer to. */
export const referencedKinds: readonly string[] = [
  "MeshHTTPRoute",
  "MeshOpenTelemetryBackend",
  "MeshService",
  "MeshExternalService",
  "MeshMultiZoneService",
  "ExternalService",
  "MeshGateway",
  "MeshGatewayRoute",
];
