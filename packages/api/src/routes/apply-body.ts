import { parseDocuments, type ResourceKey, type Violation } from "@meridian/model";
import { badRequest, invalid } from "../http/errors.ts";

/** A batch, however it was sent. */
export interface ApplyBody {
  readonly documents: readonly unknown[];
  readonly deletes: readonly ResourceKey[];
  readonly dryRun: boolean;
  readonly message?: string;
  /** Mesh of documents that name none. */
  readonly mesh?: string;
  /** False: meshes that are created get no default policies, because the batch says all there is, as an import does. */
  readonly initialPolicies: boolean;
}

/** Reads `{documents?, text?, deletes?, message?, dryRun?, mesh?, initialPolicies?}`. @throws ApiProblem 400 with every bad field */
export function readApplyBody(body: unknown): ApplyBody {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw badRequest("a JSON object with documents, or YAML as application/yaml, was expected");
  }
  const given = body as Readonly<Record<string, unknown>>;
  const violations: Violation[] = [];
  const documents = listOf(given, "documents", violations);
  const deletes = listOf(given, "deletes", violations).map((item, index) => readKey(item, `deletes[${index}]`, violations));
  const text = textOf(given, "text", violations);
  const message = textOf(given, "message", violations);
  const mesh = textOf(given, "mesh", violations);
  const { dryRun = false, initialPolicies = true } = given;
  for (const [path, value] of Object.entries({ dryRun, initialPolicies })) {
    if (typeof value !== "boolean") violations.push({ path, message: "must be true or false" });
  }
  if (violations.length > 0) throw invalid("Bad Request", violations, "The request is not valid");
  return {
    documents: text === undefined ? documents : [...documents, ...readYaml(text, "text")],
    deletes,
    dryRun: dryRun === true,
    initialPolicies: initialPolicies !== false,
    ...(message !== undefined && { message }),
    ...(mesh !== undefined && { mesh }),
  };
}

/** @throws ApiProblem 400 with the line of every mistake */
export function readYaml(text: string, source: string): readonly unknown[] {
  const { documents, problems } = parseDocuments(text, { source });
  if (problems.length === 0) return documents.map((document) => document.value);
  const violations = problems.map(({ line, column, message }) => ({
    path: `${source}, line ${line}, column ${column}`,
    message,
  }));
  throw invalid("Bad Request", violations, "The documents are not valid YAML");
}

function listOf(given: Readonly<Record<string, unknown>>, path: string, violations: Violation[]): readonly unknown[] {
  const value = given[path] ?? [];
  if (Array.isArray(value)) return value;
  violations.push({ path, message: "must be a list" });
  return [];
}

function textOf(given: Readonly<Record<string, unknown>>, path: string, violations: Violation[]): string | undefined {
  const value = given[path] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  violations.push({ path, message: "must be a text" });
  return undefined;
}

function readKey(item: unknown, path: string, violations: Violation[]): ResourceKey {
  const { type, mesh = "", name } = (typeof item === "object" && item !== null ? item : {}) as Readonly<Record<string, unknown>>;
  if (typeof type === "string" && type && typeof mesh === "string" && typeof name === "string" && name) {
    return { kind: type, mesh, name };
  }
  violations.push({ path, message: "must be {type, mesh, name}, mesh only for kinds of mesh scope" });
  return { kind: "", mesh: "", name: "" };
}
