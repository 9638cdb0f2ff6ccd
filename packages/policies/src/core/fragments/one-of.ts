/**
 * Warns of fields that exclude each other. In a legacy kind they are a `oneof`: the peer keeps one of them, without a word.
 * @param value the object that holds them; absent is fine.
 */
export function oneOfWarnings(path: string, value: object | undefined, fields: readonly string[]): readonly string[] {
  const given = fields.filter((field) => value !== undefined && Object.hasOwn(value, field));
  return given.length > 1 ? [`${path} has ${given.join(" and ")}: only ${given[0]} counts`] : [];
}
