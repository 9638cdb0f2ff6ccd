import type { UnreadWrite, WriteRequest } from "@meridian/admission";
import { labelNames, type ResourceKey, toResourceInput, type Violation } from "@meridian/model";
import type { FastifyRequest } from "fastify";
import { assertAccess } from "../http/access.ts";
import { badRequest, type FieldViolation, invalid } from "../http/errors.ts";
import { flag, one, type Query } from "../http/query.ts";
import type { ApiDeps } from "../ports.ts";
import { type ApplyBody, readApplyBody, readYaml } from "./apply-body.ts";
import { asUnread, beside, refusalsOf } from "./refusals.ts";

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
  const unread = batch.judged.flatMap(({ write }) => (write.op === "delete" ? [] : (write.resource ?? [])));
  for (const { kind } of [...keys, ...unread]) {
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

type Place = { readonly path: string; readonly document?: number };

/** What was understood of a batch, and what not. */
interface Batch {
  readonly requests: readonly WriteRequest[];
  /** Per request. */
  readonly warnings: readonly (readonly string[])[];
  /** Per request: where it stands in the body, e.g. `documents[3]`. */
  readonly places: readonly Place[];
  readonly violations: readonly FieldViolation[];
  /** The requests, and what is known of documents that were not understood, with what is wrong with these. */
  readonly judged: readonly {
    readonly write: WriteRequest | UnreadWrite;
    readonly place: Place;
    readonly violations: readonly Violation[];
  }[];
  /** A document of which nobody knows what it is called may be a Mesh. */
  readonly lacksMesh: boolean;
}

function parseBatch(deps: ApiDeps, body: ApplyBody): Batch {
  const requests: WriteRequest[] = [];
  const warnings: (readonly string[])[] = [];
  const places: Place[] = [];
  const judged: Batch["judged"][number][] = [];
  const violations: FieldViolation[] = [];
  let lacksMesh = false;
  body.documents.forEach((document, index) => {
    const parsed = toResourceInput(document, deps.kinds, defaultMesh(document, body.mesh));
    const place = { path: `documents[${index}]`, document: index };
    if ("ok" in parsed) {
      const write = { op: "put" as const, resource: parsed.ok };
      requests.push(write);
      judged.push({ write, place, violations: [] });
      warnings.push(parsed.warnings);
      places.push(place);
      return;
    }
    violations.push(...parsed.violations.map((violation) => at(place, violation)));
    const write = asUnread(parsed);
    judged.push({ write, place, violations: parsed.violations });
    const { type, kind } = Object(document) as { readonly type?: unknown; readonly kind?: unknown };
    lacksMesh ||= write.op === "unread" && !write.resource && (type === "Mesh" || kind === "Mesh");
  });
  body.deletes.forEach((key, index) => {
    const write = { op: "delete" as const, key, ifExists: true };
    const place = { path: `deletes[${index}]` };
    requests.push(write);
    judged.push({ write, place, violations: [] });
    warnings.push([]);
    places.push(place);
  });
  return { requests, warnings, places, violations, judged, lacksMesh };
}

/** What was asked for holds only for documents that name no mesh themselves. */
function defaultMesh(document: unknown, mesh: string | undefined): { readonly mesh?: string } {
  if (mesh === undefined) return {};
  const { mesh: own, metadata } = Object(document) as { readonly mesh?: unknown; readonly metadata?: unknown };
  const { labels } = Object(metadata) as { readonly labels?: unknown };
  const isNamed = (own ?? undefined) !== undefined || labelNames.mesh in Object(labels);
  return isNamed ? {} : { mesh };
}

/** Some documents cannot be read: what is known of them, and the others, is judged too, so that one answer names everything. */
async function furtherViolations({ admission }: ApiDeps, { judged, lacksMesh }: Batch): Promise<readonly FieldViolation[]> {
  const refusals = await admission.judge(judged.map(({ write }) => write));
  return refusals.flatMap((refusal) => {
    const document = judged[refusal.request];
    if (!document || (lacksMesh && refusal.path === "mesh")) return [];
    return beside(document.violations, [refusal]).map((violation) => at(document.place, violation));
  });
}

function inBatch(batch: Batch, request: number, violation: Violation): FieldViolation {
  return at(batch.places[request] ?? { path: `requests[${request}]` }, violation);
}

function at(place: Place, { path, message }: Violation): FieldViolation {
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
