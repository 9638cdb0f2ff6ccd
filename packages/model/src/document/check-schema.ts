import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { parseDuration } from "../duration.ts";
import type { KindDefinition } from "../kind.ts";
import type { Violation } from "../violation.ts";
import { type JsonSchema, pathOfPointer } from "./schema-walk.ts";

/** Compiling a schema takes a millisecond: once per kind, when its first document comes. */
const compiled = new WeakMap<object, ValidateFunction>();
const ajv = new Ajv({ allErrors: true, strict: false, verbose: true });
ajv.addFormat("duration", (text: string) => parseDuration(text) !== undefined);
ajv.addFormat("base64", isBase64);

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** What is wrong with `spec` according to the kind's schema, in the peer's words. @param path where the spec stands: "" or `spec`. */
export function checkSchema(definition: KindDefinition, spec: unknown, path: string): readonly Violation[] {
  const validate = compile(definition);
  if (validate(spec)) return [];
  const root = definition.schema as unknown as JsonSchema;
  const violations = new Map<string, Violation>();
  for (const error of relevantErrors(validate.errors ?? [])) {
    const violation = {
      path: pathOfPointer(root, placeOf(error), path),
      message: messageOf(error, definition.style),
    };
    violations.set(`${violation.path}\n${violation.message}`, violation);
  }
  return [...violations.values()];
}

function compile(definition: KindDefinition): ValidateFunction {
  const known = compiled.get(definition.schema);
  if (known) return known;
  const schema = definition.style === "legacy" ? withoutRequired(definition.schema) : definition.schema;
  const validate = ajv.compile(schema as Record<string, unknown>);
  compiled.set(definition.schema, validate);
  return validate;
}

/** In proto JSON an absent field is its zero value; the kind's own validation says what is missing. */
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
  const unions = errors.filter((error) => error.keyword === "anyOf" || error.keyword === "oneOf");
  const dropped = new Set<ErrorObject>();
  for (const union of unions) {
    const inside = errors.filter((error) => error !== union && error.schemaPath.startsWith(`${union.schemaPath}/`));
    const deeper = inside.filter((error) => placeOf(error).length > union.instancePath.length);
    for (const error of inside) if (!deeper.includes(error)) dropped.add(error);
    if (deeper.length > 0) dropped.add(union);
  }
  return errors.filter((error) => !dropped.has(error));
}

/** A missing field is reported at the field, not at the object that lacks it. */
function placeOf(error: ErrorObject): string {
  if (error.keyword !== "required") return error.instancePath;
  const missing = String((error.params as { missingProperty: string }).missingProperty);
  return `${error.instancePath}/${missing.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Spec kinds: as the peer's OpenAPI check says it (`in body should be …`). Legacy kinds: plain words. */
function messageOf(error: ErrorObject, style: KindDefinition["style"]): string {
  const inBody = style === "spec";
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case "required":
      return inBody ? "in body is required" : "must be defined";
    case "enum":
      return choiceMessage(params.allowedValues as readonly unknown[], inBody);
    case "const":
      return choiceMessage([params.allowedValue], inBody);
    case "type":
      return typeMessage([params.type].flat().map(String), error.data, inBody);
    case "anyOf":
    case "oneOf":
      return unionMessage(error, inBody);
    case "format":
      return formatMessage(String(params.format));
    case "minimum":
      return `${inBody ? "in body should" : "must"} be greater than or equal to ${params.limit}`;
    case "maximum":
      return `${inBody ? "in body should" : "must"} be less than or equal to ${params.limit}`;
    case "minItems":
      return inBody ? `in body should have at least ${params.limit} items` : `must have at least ${params.limit} items`;
    case "maxItems":
      return inBody ? `in body should have at most ${params.limit} items` : `must have at most ${params.limit} items`;
    case "minLength":
      return inBody ? `in body should be at least ${params.limit} chars long` : "cannot be empty";
    case "maxLength":
      return `${inBody ? "in body should" : "must"} be at most ${params.limit} chars long`;
    case "pattern":
      return `${inBody ? "in body should" : "must"} match '${params.pattern}'`;
    default:
      return `${inBody ? "in body " : ""}${error.message ?? "is not valid"}`;
  }
}

function choiceMessage(choices: readonly unknown[], inBody: boolean): string {
  const list = choices.map(String);
  return inBody ? `in body should be one of [${list.join(" ")}]` : `must be one of ${list.join(", ")}`;
}

function typeMessage(types: readonly string[], data: unknown, inBody: boolean): string {
  const found = data === null ? "null" : Array.isArray(data) ? "array" : typeof data;
  if (inBody) return `in body must be of type ${types.join(" or ")}: "${found}"`;
  const hint = types.includes("string") && (found === "number" || found === "boolean") ? ": put it in quotes" : "";
  return `must be of type ${types.join(" or ")}, not ${found}${hint}`;
}

function unionMessage(error: ErrorObject, inBody: boolean): string {
  const branches = (error.schema as readonly JsonSchema[]) ?? [];
  const choices = branches.flatMap((branch) => (branch.const === undefined ? (branch.enum ?? []) : [branch.const]));
  if (choices.length > 0 && branches.every((branch) => branch.const !== undefined || branch.enum)) {
    return choiceMessage(choices, inBody);
  }
  const types = [...new Set(branches.flatMap((branch) => branch.type ?? []))];
  return types.length > 0 ? typeMessage(types, error.data, inBody) : "is not valid";
}

function formatMessage(format: string): string {
  if (format === "duration") return "must be a duration, such as 10s or 1h30m";
  if (format === "base64") return "must be base64";
  return `must be of format ${format}`;
}
