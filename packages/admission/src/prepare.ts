import {
  type KindDefinition,
  keyText,
  type MeshSpec,
  type Resource,
  type ResourceInput,
  type ResourceKey,
  type Violation,
} from "@meridian/model";
import { type Change, ConflictError } from "@meridian/store";
import { BatchView } from "./batch-view.ts";
import { insightsOf, prepareDelete } from "./delete.ts";
import { MeshNotFound, ReadOnlyKind, type RequestViolation, ResourceNotFound, ValidationFailed } from "./errors.ts";
import type { AdmissionDeps, Prepared, PrepareOptions, UnreadWrite, WriteRequest } from "./ports.ts";
import { checkEnvelope, preparePut } from "./put.ts";
import { readOnlyReason } from "./read-only.ts";

/** What a batch adds up to while it is judged. */
interface Draft {
  readonly deps: AdmissionDeps;
  readonly options: PrepareOptions;
  readonly view: BatchView;
  /** A batch of one answers with the error of its kind; a larger one names every mistake as a violation. */
  readonly isSingle: boolean;
  readonly changes: Change[];
  readonly derived: Change[];
  readonly warnings: string[];
  readonly mistakes: { readonly title: string; readonly violation: RequestViolation }[];
  /** Meshes that the batch relies on, as they are stored. */
  readonly meshes: Map<string, Resource>;
}

/** See `Admission.prepare`. */
export async function prepareBatch(
  deps: AdmissionDeps,
  requests: readonly WriteRequest[],
  options: PrepareOptions,
): Promise<Prepared> {
  const draft = draftOf(deps, requests, options, requests.length === 1);
  const seen = await prepareRequests(draft, requests);
  const [firstMistake] = draft.mistakes;
  if (firstMistake)
    throw new ValidationFailed(
      firstMistake.title,
      draft.mistakes.map(({ violation }) => violation),
    );
  const changes = [...draft.changes, ...withoutRepeats(draft, seen), ...guardsOf(draft, seen)];
  return {
    requests,
    options,
    changes,
    warnings: draft.warnings,
    staleStatus: insightsOf(changes, deps.kinds.all),
    deletedMeshes: changes.flatMap((change) => (change.op === "delete" && change.key.kind === "Mesh" ? [change.key.name] : [])),
  };
}

/** See `Admission.judge`. */
export async function judgeBatch(
  deps: AdmissionDeps,
  requests: readonly (WriteRequest | UnreadWrite)[],
): Promise<readonly RequestViolation[]> {
  const draft = draftOf(deps, requests, {}, false);
  await prepareRequests(draft, requests);
  return draft.mistakes.map(({ violation }) => violation);
}

function draftOf(
  deps: AdmissionDeps,
  requests: readonly (WriteRequest | UnreadWrite)[],
  options: PrepareOptions,
  isSingle: boolean,
): Draft {
  const view = new BatchView(deps.store, requests);
  return { deps, options, view, isSingle, changes: [], derived: [], warnings: [], mistakes: [], meshes: new Map() };
}

/** Returns by key which request was the first to write it. */
async function prepareRequests(
  draft: Draft,
  requests: readonly (WriteRequest | UnreadWrite)[],
): Promise<ReadonlyMap<string, number>> {
  await draft.view.prefetch(requests);
  const seen = new Map<string, number>();
  for (const [index, request] of requests.entries()) {
    const key = request.op === "delete" ? request.key : request.resource;
    if (!key) continue;
    const first = seen.get(keyText(key));
    seen.set(keyText(key), first ?? index);
    if (first === undefined) await prepareRequest(draft, index, request, key);
    else complain(draft, index, "Could not process a resource", [repeatedIn(key, first)]);
  }
  return seen;
}

function repeatedIn(key: ResourceKey, first: number): Violation {
  return { path: "name", message: `${key.kind} "${key.name}" is already written by document ${first + 1} of the same batch` };
}

function complain(draft: Draft, request: number, title: string, violations: readonly Violation[]): void {
  draft.mistakes.push(...violations.map((violation) => ({ title, violation: { ...violation, request } })));
}

async function prepareRequest(draft: Draft, index: number, request: WriteRequest | UnreadWrite, key: ResourceKey): Promise<void> {
  const { deps, view, options } = draft;
  const definition = deps.kinds.get(key.kind);
  if (!definition) {
    return complain(draft, index, "Could not process a resource", [{ path: "type", message: `unknown kind "${key.kind}"` }]);
  }
  const reason = (options.source ?? "user") === "user" ? readOnlyReason(definition, deps) : undefined;
  if (reason !== undefined) {
    if (draft.isSingle) throw new ReadOnlyKind(reason);
    return complain(draft, index, "Method not allowed", [{ path: "type", message: reason }]);
  }
  const stored = await view.stored(key);
  if (request.op === "unread") return request.resource && checkUnread(draft, index, request.resource, { definition, stored });
  if (request.expect !== undefined && !asExpected(request.expect, stored)) {
    throw new ConflictError(key, request.expect, stored?.version);
  }
  if (request.op === "delete") return addDelete(draft, index, request, stored);
  return addPut(draft, index, request.resource, { definition, stored });
}

function asExpected(expect: number | "absent", stored: Resource | undefined): boolean {
  return expect === "absent" ? stored === undefined : stored?.version === expect;
}

interface Target {
  readonly definition: KindDefinition;
  readonly stored: Resource | undefined;
}

/** What can be said of a resource without its spec. */
async function checkUnread(draft: Draft, index: number, written: Omit<ResourceInput, "spec">, target: Target): Promise<void> {
  if (target.definition.scope === "mesh") await meshOf(draft, index, written.mesh);
  complainOfEnvelope(draft, index, written, target);
}

function complainOfEnvelope(draft: Draft, index: number, written: Omit<ResourceInput, "spec">, target: Target): void {
  for (const { title, violations } of checkEnvelope(written, { deps: draft.deps, ...target })) {
    complain(draft, index, title, violations);
  }
}

async function addPut(draft: Draft, index: number, written: ResourceInput, target: Target): Promise<void> {
  const { deps, view } = draft;
  const { definition, stored } = target;
  const source = draft.options.source ?? "user";
  const mesh = definition.scope === "mesh" ? await meshOf(draft, index, written.mesh) : undefined;
  if (definition.scope === "mesh" && !mesh) {
    // What a zone sends has its labels from elsewhere.
    if (source !== "zone") complainOfEnvelope(draft, index, written, target);
    return;
  }
  view.takeHasAskedForUnread();
  const createsInitialPolicies = draft.options.createsInitialPolicies ?? true;
  const outcome = await preparePut(written, { deps, view, source, definition, stored, mesh, createsInitialPolicies });
  if (view.takeHasAskedForUnread()) return complainOfEnvelope(draft, index, written, target);
  for (const { title, violations } of outcome.mistakes) complain(draft, index, title, violations);
  draft.changes.push({ op: "put", resource: outcome.resource, expect: stored?.version ?? "absent" });
  draft.derived.push(...outcome.derived);
  draft.warnings.push(...outcome.warnings);
}

/** The mesh that a resource is put into; it may come with the same batch, and what is put into it is not judged if it is unread. */
async function meshOf(draft: Draft, index: number, name: string): Promise<ResourceInput<MeshSpec> | undefined> {
  const key = { kind: "Mesh", mesh: "", name };
  if (draft.view.isUnread(key)) return undefined;
  const mesh = await draft.view.resulting<MeshSpec>(key);
  if (!mesh) {
    const error = new MeshNotFound(name);
    if (draft.isSingle) throw error;
    complain(draft, index, error.title, [{ path: "mesh", message: error.message }]);
    return undefined;
  }
  const stored = await draft.view.stored(key);
  if (stored) draft.meshes.set(name, stored);
  return mesh;
}

async function addDelete(
  draft: Draft,
  index: number,
  { key, ifExists }: Extract<WriteRequest, { op: "delete" }>,
  stored: Resource | undefined,
): Promise<void> {
  if (!stored) {
    const error = new ResourceNotFound(key);
    if (!ifExists && draft.isSingle) throw error;
    if (!ifExists) complain(draft, index, error.title, [{ path: "name", message: error.message }]);
    draft.changes.push({ op: "delete", key });
    return;
  }
  const { deps, view } = draft;
  const outcome = await prepareDelete(stored, { deps, view, source: draft.options.source ?? "user" });
  complain(draft, index, "Could not delete a resource", outcome.violations);
  draft.changes.push({ op: "delete", key, expect: stored.version });
  draft.derived.push(...outcome.derived);
}

/** What the batch itself writes is not derived a second time. */
function withoutRepeats({ derived }: Draft, requested: ReadonlyMap<string, number>): readonly Change[] {
  const known = new Set(requested.keys());
  return derived.filter((change) => {
    const key = keyText(change.op === "put" ? change.resource : change.key);
    const isNew = !known.has(key);
    known.add(key);
    return isNew;
  });
}

/**
 * The batch was judged by these meshes: writing each back as it is changes nothing, but makes the commit fail if someone changed or
 * deleted the mesh meanwhile.
 */
function guardsOf({ meshes }: Draft, requested: ReadonlyMap<string, number>): readonly Change[] {
  return [...meshes.values()]
    .filter((mesh) => !requested.has(keyText(mesh)))
    .map((mesh) => {
      const { kind, name, labels, spec, status, version } = mesh;
      return {
        op: "put",
        resource: { kind, mesh: "", name, labels, spec, ...(status !== undefined && { status }) },
        expect: version,
      };
    });
}
