import { comparePolicies, policies } from "@meridian/policies";
import type { MeshInventory } from "./inventory.ts";
import type { Policy } from "./to-policies.ts";

/** The kinds of the targetRef generation, in order of application. */
export const targetRefPolicies = policies.map(({ definition }) => definition).filter(({ policy }) => policy?.isTargetRef);

/** Every policy of these kinds; of one kind weakest first. */
export function allTargetRefPolicies(inventory: MeshInventory): readonly Policy[] {
  return targetRefPolicies.flatMap(({ kind }) => inventory.list<Policy["spec"]>(kind).toSorted(comparePolicies));
}
