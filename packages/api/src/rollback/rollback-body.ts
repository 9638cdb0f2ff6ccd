import type { KindRegistry, ResourceKey, Revision, Violation } from "@meridian/model";
import { badRequest, invalid } from "../http/errors.ts";
import type { RollbackWish } from "./plan-rollback.ts";

/** Each is looked for by itself. */
const maxKeys = 1_000;

export interface RollbackBody extends RollbackWish {
  readonly dryRun: boolean;
  readonly message?: string;
}

/** Reads `{revision, only?: [{type, mesh?, name}], dryRun?, message?}`. @throws ApiProblem 400 with every bad field */
export function readRollbackBody(body: unknown, kinds: KindRegistry): RollbackBody {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw badRequest("a JSON object with a revision was expected");
  }
  const { revision, only, dryRun = false, message = "" } = body as Readonly<Record<string, unknown>>;
  const violations: Violation[] = [];
  if (typeof dryRun !== "boolean") violations.push({ path: "dryRun", message: "must be true or false" });
  if (typeof message !== "string") violations.push({ path: "message", message: "must be a text" });
  const wanted = readRevision(revision, violations);
  const keys = only === undefined || only === null ? undefined : readKeys(only, kinds, violations);
  if (violations.length > 0) throw invalid("Bad Request", violations, "The request is not valid");
  return {
    revision: wanted,
    dryRun: dryRun === true,
    ...(keys && { only: keys }),
    ...(typeof message === "string" && message !== "" && { message }),
  };
}

function readRevision(revision: unknown, violations: Violation[]): Revision {
  if (typeof revision === "number" && Number.isSafeInteger(revision) && revision > 0) return revision;
  violations.push({ path: "revision", message: "must be a revision greater than 0: GET /history lists them" });
  return 0;
}

function readKeys(only: unknown, kinds: KindRegistry, violations: Violation[]): readonly ResourceKey[] {
  if (!Array.isArray(only) || only.length === 0) {
    violations.push({
      path: "only",
      message: "must be a list of {type, mesh, name}, and not empty: leave it out to roll back everything",
    });
    return [];
  }
  if (only.length > maxKeys) {
    violations.push({ path: "only", message: `has more than ${maxKeys} entries: roll back in parts, or leave it out` });
    return [];
  }
  return only.flatMap((item: unknown, index) => readKey(item, { path: `only[${index}]`, kinds, violations }));
}

interface KeyPlace {
  readonly path: string;
  readonly kinds: KindRegistry;
  readonly violations: Violation[];
}

function readKey(item: unknown, { path, kinds, violations }: KeyPlace): readonly ResourceKey[] {
  const { type, mesh, name } = Object(item) as Readonly<Record<string, unknown>>;
  const kind = typeof type === "string" ? (kinds.get(type) ?? kinds.byPath(type)) : undefined;
  if (!kind) violations.push({ path: `${path}.type`, message: `there is no kind ${JSON.stringify(type ?? "")}` });
  if (typeof name !== "string" || name === "") violations.push({ path: `${path}.name`, message: "must be a name" });
  if (mesh !== undefined && typeof mesh !== "string") violations.push({ path: `${path}.mesh`, message: "must be a name" });
  if (!kind || typeof name !== "string") return [];
  return [{ kind: kind.kind, mesh: kind.scope === "global" ? "" : typeof mesh === "string" ? mesh : "default", name }];
}
