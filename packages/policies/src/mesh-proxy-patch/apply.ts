import { keyText, type Resource } from "@meridian/model";
import { type ModificationTarget, type PatchModification, readModification } from "../core/patches/modification.ts";
import { type DecidePatches, patchHooks } from "../core/patches/patch-hooks.ts";
import { comparePolicies } from "../core/policy-order.ts";
import { selectsProxy } from "../core/target-ref.ts";
import type { MeshProxyPatchSpec, Modification } from "./schema.ts";

type MeshProxyPatch = Resource<MeshProxyPatchSpec>;

/** The lists of all matching policies, joined: the strongest policy has the last word. */
const decide: DecidePatches = (subject, policies) => {
  const selecting = (policies as readonly MeshProxyPatch[])
    .filter((policy) => selectsProxy(policy, subject))
    .sort(comparePolicies);
  if (selecting.length === 0) return undefined;
  return { conf: selecting.flatMap(modificationsOf), origins: selecting.map(keyText).sort() };
};

export const meshProxyPatchApply = patchHooks(decide);

/** Read once per version of a policy: resources are immutable. */
const read = new WeakMap<MeshProxyPatch, readonly PatchModification[]>();

function modificationsOf(policy: MeshProxyPatch): readonly PatchModification[] {
  let modifications = read.get(policy);
  if (!modifications) {
    modifications = (policy.spec.default?.appendModifications ?? []).flatMap(readOne);
    read.set(policy, modifications);
  }
  return modifications;
}

function readOne(modification: Modification): readonly PatchModification[] {
  return Object.entries(modification).map(([target, written]) => readModification(target as ModificationTarget, written));
}
