import type { TargetRef, Violation } from "@meridian/model";
import { topLevelWarnings } from "../validate-target-ref.ts";

/** The lists that a policy can have. */
export interface PolicyLists {
  readonly targetRef?: TargetRef | undefined;
  readonly to?: readonly unknown[] | undefined;
  readonly from?: readonly unknown[] | undefined;
  readonly rules?: readonly unknown[] | undefined;
}

/** `rules` stands alone, and a policy that has `rules` has to say something (reference: resources.md section 6). */
export function validateLists(lists: PolicyLists): readonly Violation[] {
  return [...validateRulesAlone(lists), ...validateAnyList(lists)];
}

/** For kinds that may say nothing. */
export function validateRulesAlone({ to = [], from = [], rules = [] }: PolicyLists): readonly Violation[] {
  if (rules.length === 0 || to.length + from.length === 0) return [];
  return [{ path: "spec", message: "fields 'to' and 'from' must be empty when 'rules' is defined" }];
}

function validateAnyList({ to = [], from = [], rules = [] }: PolicyLists): readonly Violation[] {
  if (to.length + from.length + rules.length > 0) return [];
  return [{ path: "spec", message: "at least one of 'from', 'to' or 'rules' has to be defined" }];
}

/** A kind with nothing but `to` needs an entry there. */
export function validateToIsSet({ to = [] }: PolicyLists): readonly Violation[] {
  return to.length > 0 ? [] : [{ path: "spec.to", message: "needs at least one item" }];
}

/** What the writer of a policy with `rules` should know of the lists that `rules` takes the place of. */
export function listWarnings({ targetRef, from = [] }: PolicyLists): readonly string[] {
  return [...(from.length > 0 ? ["'from' field is deprecated, use 'rules' instead"] : []), ...topLevelWarnings(targetRef)];
}
