import { at, type SpecOf, type TargetRef, type TargetRefKind, targetRefSchema, type Violation } from "@meridian/model";
import { type TSchema, Type } from "@sinclair/typebox";
import { type TargetRefRules, validateTargetRef } from "../validate-target-ref.ts";
import { peerMatchSchema, validatePeerMatch } from "./peer-match.ts";
import type { PolicyLists } from "./policy-lists.ts";

/** An entry of `to` or `from`. A `default` that is not there is an empty one. */
export interface TargetedItem<Conf> {
  readonly targetRef: TargetRef;
  readonly default?: Conf | undefined;
}

/** An entry of `rules`. */
export interface RuleItem<Conf> {
  readonly matches?: readonly SpecOf<typeof peerMatchSchema>[] | undefined;
  readonly default?: Conf | undefined;
}

/** Schema of `to` or `from`. */
export function targetedItems<Conf extends TSchema>(conf: Conf, description: string) {
  return Type.Optional(Type.Array(Type.Object({ targetRef: targetRefSchema, default: Type.Optional(conf) }), { description }));
}

/** Schema of `rules` whose entries can be for some clients only. */
export function matchedRules<Conf extends TSchema>(conf: Conf, description: string) {
  const matches = Type.Array(peerMatchSchema, { description: "The clients this is for: any of these. Absent: all clients." });
  return Type.Optional(
    Type.Array(Type.Object({ matches: Type.Optional(matches), default: Type.Optional(conf) }), { description }),
  );
}

/** Schema of `rules` for every client. */
export function plainRules<Conf extends TSchema>(conf: Conf, description: string) {
  return Type.Optional(Type.Array(Type.Object({ default: Type.Optional(conf) }), { description }));
}

/** The top-level reference of a policy; a Dataplane one may name an inbound only where the policy is about inbounds. */
export function validateTopLevelRef(spec: PolicyLists, kinds: readonly TargetRefKind[]): readonly Violation[] {
  const inboundPolicy = (spec.from?.length ?? 0) + (spec.rules?.length ?? 0) > 0;
  return spec.targetRef ? validateTargetRef("spec.targetRef", spec.targetRef, { kinds, inboundPolicy, gatewayTags: true }) : [];
}

/** Entries of `to` or `from`: their references, then what `validateConf` finds at `<entry>.default`. */
export function validateTargetedItems<Conf extends object>(
  path: string,
  items: readonly TargetedItem<Conf>[] | undefined,
  options: {
    readonly refs: TargetRefRules;
    readonly validateConf: (path: string, conf: Conf, item: TargetedItem<Conf>) => readonly Violation[];
  },
): readonly Violation[] {
  return (items ?? []).flatMap((item, index) => [
    ...validateTargetRef(`${at(path, index)}.targetRef`, item.targetRef, options.refs),
    ...options.validateConf(`${at(path, index)}.default`, item.default ?? ({} as Conf), item),
  ]);
}

/** Entries of `rules`: their matches, then what `validateConf` finds at `<entry>.default`. */
export function validateRuleItems<Conf extends object>(
  path: string,
  rules: readonly RuleItem<Conf>[] | undefined,
  validateConf: (path: string, conf: Conf, rule: RuleItem<Conf>) => readonly Violation[],
): readonly Violation[] {
  return (rules ?? []).flatMap((rule, index) => [
    ...(rule.matches ?? []).flatMap((match, m) => validatePeerMatch(at(`${at(path, index)}.matches`, m), match)),
    ...validateConf(`${at(path, index)}.default`, rule.default ?? ({} as Conf), rule),
  ]);
}

/** A zone egress serves all clients of an external service alike, so only a policy for the whole mesh can configure it. */
export function validateExternalServiceScope(
  spec: PolicyLists & { readonly to?: readonly { readonly targetRef: TargetRef }[] | undefined },
) {
  if ((spec.targetRef?.kind ?? "Mesh") === "Mesh") return [];
  return (spec.to ?? []).flatMap(({ targetRef }, index): readonly Violation[] => {
    if (targetRef.kind !== "MeshExternalService") return [];
    const message =
      "kind MeshExternalService is only allowed with targetRef.kind: Mesh as it is configured on the Zone Egress and shared by all clients in the mesh";
    return [{ path: `${at("spec.to", index)}.targetRef.kind`, message }];
  });
}

/** Whether gateways are among the proxies that the reference selects. */
export function includesGateways({ kind, proxyTypes }: TargetRef): boolean {
  if (kind === "MeshGateway" || kind === "MeshHTTPRoute") return true;
  return (kind === "Mesh" || kind === "MeshSubset") && (!proxyTypes?.length || proxyTypes.includes("Gateway"));
}
