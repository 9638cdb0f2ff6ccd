import type { ErrorObject } from "ajv";
import type { KindDefinition } from "../kind.ts";
import type { JsonSchema } from "./schema-walk.ts";

/** Spec kinds: as the peer's OpenAPI check says it (`in body should be …`). Legacy kinds: plain words. */
export function schemaMessage(error: ErrorObject, style: KindDefinition["style"]): string {
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
