import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { parseDuration } from "../duration.ts";
import type { KindDefinition } from "../kind.ts";
import type { Misfit } from "./misfit.ts";
import { schemaMessage } from "./schema-messages.ts";
import { type JsonSchema, type Keys, pathOfKeys } from "./schema-walk.ts";

/** Compiling a schema takes a millisecond: once per schema, when it is first asked for. */
const compiled = new WeakMap<object, ValidateFunction>();
const ajv = new Ajv({ allErrors: true, strict: false, verbose: true });
ajv.addFormat("duration", (text: string) => parseDuration(text) !== undefined);
ajv.addFormat("base64", isBase64);

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** What is wrong with `spec` according to the kind's schema, in the peer's words. @param path where the spec stands: "" or `spec`. */
export function findSchemaMisfits(definition: KindDefinition, spec: unknown, path: string): readonly Misfit[] {
  const schema = enforcedSchema(definition);
  const validate = compile(schema);
  if (validate(spec)) return [];
  const misfits = new Map<string, Misfit>();
  for (const error of relevantErrors(validate.errors ?? [])) {
    const keys = placeOf(error);
    const violation = { path: pathOfKeys(schema, keys, path), message: schemaMessage(error, definition.style) };
    misfits.set(`${violation.path}\n${violation.message}`, { violation, keys });
  }
  return [...misfits.values()];
}

/** Whether a value is what a schema describes: one of `enforcedSchema`, or a part of it. */
export function fits(schema: JsonSchema, value: unknown): boolean {
  return compile(schema)(value);
}

function compile(schema: JsonSchema): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  const validate = ajv.compile(schema);
  compiled.set(schema, validate);
  return validate;
}

/** Per schema of a legacy kind; with one object for each, a part of it is compiled once. */
const enforced = new WeakMap<object, JsonSchema>();

/**
 * The schema that specs of a kind are held to. For legacy kinds that is the kind's own without `required`: in proto JSON an absent
 * field is its zero value, and the kind's own validation says what is missing.
 */
export function enforcedSchema({ schema, style }: KindDefinition): JsonSchema {
  if (style === "spec") return schema as unknown as JsonSchema;
  const known = enforced.get(schema);
  if (known) return known;
  const without = withoutRequired(schema) as JsonSchema;
  enforced.set(schema, without);
  return without;
}

function withoutRequired(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutRequired);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key, value]) => key !== "required" || !Array.isArray(value));
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutRequired(value)]));
}

/**
 * A failed union reports the failures of every branch. What went deepest is the branch that the user meant; if no branch went
 * deeper than the union itself, the union's own message says what it takes.
 */
function relevantErrors(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const dropped = new Set<ErrorObject>();
  errors.forEach((union, index) => {
    if (union.keyword !== "anyOf" && union.keyword !== "oneOf") return;
    const inside = errorsOfBranches(errors, index);
    const deeper = inside.filter((error) => placeOf(error).length > keysOf(union).length);
    for (const error of inside) if (!deeper.includes(error)) dropped.add(error);
    if (deeper.length > 0) dropped.add(union);
  });
  return errors.filter((error) => !dropped.has(error));
}

/** They come right before the error of their union. Those of the same union in another item of a list have another place. */
function errorsOfBranches(errors: readonly ErrorObject[], index: number): readonly ErrorObject[] {
  const union = errors[index] as ErrorObject;
  let first = index;
  while (first > 0 && isOfBranch(errors[first - 1] as ErrorObject, union)) first--;
  return errors.slice(first, index);
}

function isOfBranch(error: ErrorObject, union: ErrorObject): boolean {
  const isInside = error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`);
  return isInside && error.schemaPath.startsWith(`${union.schemaPath}/`);
}

/** A missing field is reported at the field, not at the object that lacks it. */
function placeOf(error: ErrorObject): Keys {
  const keys = keysOf(error);
  if (error.keyword !== "required") return keys;
  return [...keys, String((error.params as { missingProperty: string }).missingProperty)];
}

/** @see RFC 6901 for the pointers that ajv reports. */
function keysOf({ instancePath }: ErrorObject): Keys {
  return instancePath
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}
