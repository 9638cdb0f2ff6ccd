/** What templates compute with; undefined is Go's `nil`. */
export type Value = string | number | boolean | undefined;

/** A template that cannot be parsed or rendered: the user's mistake, so it never leaves `parseTemplate` and `renderTemplate`. */
export class TemplateProblem extends Error {}

/** Empty text, 0, false and nil are false. */
export function isTrue(value: Value): boolean {
  return value !== undefined && value !== "" && value !== 0 && value !== false;
}

export function textOf(value: Value): string {
  return value === undefined ? "<nil>" : String(value);
}
