import { keyText, type Resource } from "@meridian/model";
import { type SourceDestinationSpec, selectForInbound, selectForService } from "../legacy-selection.ts";
import type { Decision } from "./hooks.ts";
import type { InboundDecisionInput, OutboundDecisionInput } from "./targets.ts";

/**
 * Source/destination kinds of outbound traffic: the one most specific policy decides alone; nothing is merged. They know services by
 * tag only: who reaches a MeshService as such is not concerned (reference: resources-legacy.md 0.3).
 */
export function decideLegacyOutbound<Spec extends SourceDestinationSpec, Conf>(
  { subject, outbound, policies }: OutboundDecisionInput,
  confOf: (spec: Spec) => Conf | undefined,
): Decision<Conf> | undefined {
  if (outbound.resource) return undefined;
  return decision(selectForService(subject, outbound.service, policies as readonly Resource<Spec>[]), confOf);
}

/** The same for an inbound: chosen by destination, with the sources as part of its content (procedure IN-ONE). */
export function decideLegacyInbound<Spec extends SourceDestinationSpec, Conf>(
  { subject, inbound, policies }: InboundDecisionInput,
  confOf: (spec: Spec) => Conf | undefined,
): Decision<Conf> | undefined {
  const ofMesh = (policies as readonly Resource<Spec>[]).filter(({ mesh }) => mesh === subject.mesh);
  return decision(selectForInbound(inbound.tags, ofMesh), confOf);
}

function decision<Spec, Conf>(policy: Resource<Spec> | undefined, confOf: (spec: Spec) => Conf | undefined) {
  const conf = policy && confOf(policy.spec);
  return conf === undefined || !policy ? undefined : { conf, origins: [keyText(policy)] };
}
