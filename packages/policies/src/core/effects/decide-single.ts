import { keyText, type Resource } from "@meridian/model";
import { mergeConfs } from "../merge.ts";
import { comparePolicies } from "../policy-order.ts";
import type { TargetRefSpec } from "../target-ref.ts";

interface SingleSpec<Conf> extends TargetRefSpec {
  readonly default?: Conf | undefined;
}

/** What a kind with one `default` wants: every policy that selects the target, merged weakest first. Undefined: none does. */
export function decideSingle<Conf extends object>(
  policies: readonly Resource[],
  selects: (policy: Resource<TargetRefSpec>) => boolean,
): { readonly conf: Conf; readonly origins: readonly string[] } | undefined {
  const selecting = (policies as readonly Resource<SingleSpec<Conf>>[]).filter(selects).sort(comparePolicies);
  if (selecting.length === 0) return undefined;
  const conf = mergeConfs(selecting.map(({ spec }) => spec.default ?? ({} as Conf))) ?? ({} as Conf);
  return { conf, origins: selecting.map(keyText).sort() };
}
