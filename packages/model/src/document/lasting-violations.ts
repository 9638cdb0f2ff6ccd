import type { KindDefinition, ValidationContext } from "../kind.ts";
import type { Violation } from "../violation.ts";
import { type Misfit, Places } from "./misfit.ts";
import { repairs } from "./repairs.ts";

/**
 * What the kind's own rules find in a spec that does not fit its schema: what they say however the misfits are repaired. They only
 * ever see copies that fit, so they need not expect anything else; what follows from a misfit (a name that nothing has, because the
 * name is broken) is not said of a copy in which it is right; and what would have been said of a replacement is left out by its path.
 */
export function lastingViolations(
  definition: KindDefinition,
  spec: unknown,
  { misfits, context }: { readonly misfits: readonly Misfit[]; readonly context: ValidationContext },
): readonly Violation[] {
  if (!definition.validate) return [];
  const places = new Places(misfits);
  let ofGood: readonly Violation[] | undefined;
  let ofOthers: readonly Violation[] | undefined;
  for (const copy of repairs(definition, spec, misfits)) {
    const found = definition.validate(copy, context);
    const elsewhere = found.filter(({ path }) => !places.leadTo(path));
    // A replacement that breaks a rule itself is no repair, and a rule that stops there does not come to what else is wrong.
    const isGood = elsewhere.length === found.length && !elsewhere.some(({ path }) => places.areWithin(path));
    if (isGood) ofGood = common(ofGood, elsewhere);
    else ofOthers = common(ofOthers, elsewhere);
    if (ofGood?.length === 0) return [];
  }
  return ofGood ?? ofOthers ?? [];
}

function common(known: readonly Violation[] | undefined, found: readonly Violation[]): readonly Violation[] {
  if (!known) return found;
  const texts = new Set(found.map(textOf));
  return known.filter((violation) => texts.has(textOf(violation)));
}

function textOf({ path, message }: Violation): string {
  return `${path}\n${message}`;
}
