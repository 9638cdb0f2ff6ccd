import type { KindDefinition } from "../kind.ts";
import { enforcedSchema, findSchemaMisfits } from "./check-schema.ts";
import { type Misfit, Places } from "./misfit.ts";
import { type Keys, pathOfKeys } from "./schema-walk.ts";
import { findUnstorable, type Unstorable } from "./storable.ts";

/**
 * Everything that is wrong with the form of `spec`; empty when its kind's rules can judge it as it is.
 * @param path where the spec stands: "" or `spec`.
 */
export function findMisfits(definition: KindDefinition, spec: unknown, path: string): readonly Misfit[] {
  const schema = enforcedSchema(definition);
  const unstorable = findUnstorable(spec).map((found) => misfitOf(found, (keys) => pathOfKeys(schema, keys, path)));
  const ofSchema = findSchemaMisfits(definition, spec, path);
  if (unstorable.length === 0) return ofSchema;
  // Text that no store can keep is no duration either: one complaint about a place is enough.
  const places = new Places(unstorable);
  return [...unstorable, ...ofSchema.filter(({ violation }) => !places.leadTo(violation.path))];
}

/** A key that cannot be kept cannot be shown either: the complaint is about the object that has it. */
function misfitOf({ keys, message, isKey }: Unstorable, pathOf: (keys: Keys) => string): Misfit {
  return { violation: { path: pathOf(isKey ? keys.slice(0, -1) : keys), message }, keys };
}
