import type { JsonSchema } from "@meridian/model";
import fc from "fast-check";
import { anyValue, anyWord } from "./values.ts";

const durations = fc.constantFrom("10s", "0s", "1h30m", "5ms", "1.5h", "0", "-1s", "999999h", "soon", "10");

/** Values that a schema takes, or nearly: what it does not say (a format, a rule of the kind) is right as often as wrong. */
export function fromSchema(schema: JsonSchema): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(fromSchema));
  if (schema.allOf) return fc.tuple(...schema.allOf.map(fromSchema)).map((parts) => Object.assign({}, ...parts) as unknown);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "object":
      return objectOf(schema);
    case "array":
      return fc.array(schema.items ? fromSchema(schema.items) : anyValue, { maxLength: 3 });
    case "string":
      return textOf(schema.format);
    case "integer":
    case "number":
      return numberOf(schema);
    case "boolean":
      return fc.boolean();
    default:
      return anyValue;
  }
}

function objectOf({
  properties = {},
  required = [],
  patternProperties = {},
  additionalProperties,
}: JsonSchema): fc.Arbitrary<unknown> {
  const values = [
    ...Object.values(patternProperties),
    ...(typeof additionalProperties === "object" ? [additionalProperties] : []),
  ];
  const entries = values.length > 0 ? fc.oneof(...values.map(fromSchema)) : undefined;
  const map = entries ? fc.dictionary(anyWord, entries, { maxKeys: 3 }) : fc.constant({});
  const fields = Object.entries(properties).map(([name, schema]) => {
    const value = fromSchema(schema);
    // Few of many optional fields, so that documents stay small and rules about what excludes what are met.
    return required.includes(name)
      ? value.map((chosen) => [[name, chosen]] as const)
      : fc.option(value, { freq: 1, nil: undefined }).map((chosen) => (chosen === undefined ? [] : ([[name, chosen]] as const)));
  });
  return fc.tuple(map, ...fields).map(([map, ...chosen]) => ({ ...map, ...Object.fromEntries(chosen.flat()) }));
}

function textOf(format: string | undefined): fc.Arbitrary<unknown> {
  if (format === "duration") return durations;
  if (format === "base64") return fc.oneof(fc.base64String(), anyWord);
  return anyWord;
}

function numberOf({ type, minimum = -1, maximum = 70_000 }: JsonSchema): fc.Arbitrary<unknown> {
  const edges = fc.constantFrom(minimum, maximum, 0, 1, 80, 100);
  const numbers = type === "integer" ? fc.integer({ min: minimum - 1, max: maximum + 1 }) : fc.double({ noNaN: true });
  // Proto JSON takes numbers as text.
  return fc.oneof({ arbitrary: edges, weight: 3 }, numbers, edges.map(String));
}
