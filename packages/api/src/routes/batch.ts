import type { WriteRequest } from "@meridian/admission";
import { labelNames, type ResourceKey, toResourceInput, type Violation } from "@meridian/model";
import type { FastifyRequest } from "fastify";
import { assertAccess } from "../http/access.ts";
import { badRequest, type FieldViolation, invalid } from "../http/errors.ts";
import { flag, one, type Query } from "../http/query.ts";
import type { ApiDeps } from "../ports.ts";
import { type ApplyBody, readApplyBody, readYaml } from "./apply-body.ts";
import { refusalsOf } from "./refusals.ts";

/** A batch that was understood and that its sender may write; admission has not judged it yet. */
export interface ReadBatch extends Batch {
  readonly body: ApplyBody;
  /** Per request. */
  readonly keys: readonly ResourceKey[];
}

/** Reads the body of `/apply` and `/plan`. @throws ApiProblem 400 naming every mistake of every document, 403 */
export async function readBatch(deps: ApiDeps, request: FastifyRequest, title: string): Promise<ReadBatch> {
  const body = readBody(request);
  const batch = parseBatch(deps, body);
  const keys = batch.requests.map((write) => (write.op === "put" ? write.resource : write.key));
  for (const { kind } of keys) {
    const definition = deps.kinds.get(kind);
    if (definition) assertAccess(request.user, definition);
  }
  if (batch.violations.length > 0) {
    throw invalidBatch(title, [...batch.violations, ...(await furtherViolations(deps, batch))]);
  }
  if (keys.length === 0) throw badRequest("nothing to apply: neither documents nor deletes were sent");
  return { ...batch, body, keys };
}

/** What admission refused, told in terms of the documents; any other error as it is. */
export function refusedBatch(batch: ReadBatch, error: unknown, title: string): unknown {
  const refusals = refusalsOf(error);
  return refusals
    ? invalidBatch(
        title,
        refusals.map(({ request: index, ...violation }) => inBatch(batch, index, violation)),
      )
    : error;
}

function readBody(request: FastifyRequest): ApplyBody {
  const query = request.query as Query;
  if (typeof request.body !== "string") return readApplyBody(request.body);
  const mesh = one(query, "mesh");
  const message = one(query, "message");
  return {
    documents: readYaml(request.body, "body"),
    deletes: [],
    dryRun: flag(query, "dryRun"),
    initialPolicies: true,
    ...(mesh !== undefined && { mesh }),
    ...(message !== undefined && { message }),
  };
}

/** What was understood of a batch, and what not. */
interface Batch {
  readonly requests: readonly WriteRequest[];
  /** Per request. */
  readonly warnings: readonly (readonly string[])[];
  /** Per request: where it stands in the body, e.g. `documents[3]`. */
  readonly places: readonly { readonly path: string; readonly document?: number }[];
  readonly violations: readonly FieldViolation[];
  /** A document that was not understood may be a Mesh. */
  readonly lacksMesh: boolean;
}

function parseBatch(deps: ApiDeps, body: ApplyBody): Batch {
  const requests: WriteRequest[] = [];
  const warnings: (readonly string[])[] = [];
  const places: Batch["places"][number][] = [];
  const violations: FieldViolation[] = [];
  let lacksMesh = false;
  body.documents.forEach((document, index) => {
    const parsed = toResourceInput(document, deps.kinds, defaultMesh(document, body.mesh));
    const place = { path: `documents[${index}]`, document: index };
    if ("ok" in parsed) {
      requests.push({ op: "put", resource: parsed.ok });
      warnings.push(parsed.warnings);
      places.push(place);
    } else {
      violations.push(...parsed.violations.map((violation) => at(place, violation)));
      const { type, kind } = Object(document) as { readonly type?: unknown; readonly kind?: unknown };
      lacksMesh ||= type === "Mesh" || kind === "Mesh";
    }
  });
  body.deletes.forEach((key, index) => {
    requests.push({ op: "delete", key, ifExists: true });
    warnings.push([]);
    places.push({ path: `deletes[${index}]` });
  });
  return { requests, warnings, places, violations, lacksMesh };
}

/** What was asked for holds only for documents that name no mesh themselves. */
function defaultMesh(document: unknown, mesh: string | undefined): { readonly mesh?: string } {
  if (mesh === undefined) return {};
  const { mesh: own, metadata } = Object(document) as { readonly mesh?: unknown; readonly metadata?: unknown };
  const { labels } = Object(metadata) as { readonly labels?: unknown };
  const isNamed = (own ?? undefined) !== undefined || labelNames.mesh in Object(labels);
  return isNamed ? {} : { mesh };
}

/** Some documents cannot be read: the others are judged too, so that one answer names everything. */
async function furtherViolations(deps: ApiDeps, batch: Batch): Promise<readonly FieldViolation[]> {
  if (batch.requests.length === 0) return [];
  try {
    await deps.admission.prepare(batch.requests);
    return [];
  } catch (error) {
    // Anything but a refusal would say less than the mistakes that are known already.
    const refusals = refusalsOf(error) ?? [];
    return refusals
      .filter(({ path }) => !(batch.lacksMesh && path === "mesh"))
      .map(({ request, ...violation }) => inBatch(batch, request, violation));
  }
}

function inBatch(batch: Batch, request: number, violation: Violation): FieldViolation {
  return at(batch.places[request] ?? { path: `requests[${request}]` }, violation);
}

function at(place: Batch["places"][number], { path, message }: Violation): FieldViolation {
  return {
    path: path === "" ? place.path : `${place.path}.${path}`,
    message,
    ...(place.document !== undefined && { document: place.document }),
  };
}

function invalidBatch(title: string, violations: readonly FieldViolation[]) {
  const count = new Set(violations.map(({ document }) => document)).size;
  return invalid(title, violations, `${count} ${count === 1 ? "document is" : "documents are"} not valid; nothing was written`);
}
