import { type KindDefinition, type ResourceInputResult, toResourceInput, type Violation } from "@meridian/model";
import type { FastifyReply, FastifyRequest } from "fastify";
import { assertAccess } from "../http/access.ts";
import { authorOf } from "../http/author.ts";
import { invalid, methodNotAllowed } from "../http/errors.ts";
import { expectedVersion } from "../http/preconditions.ts";
import { setRevision } from "../http/revisions.ts";
import { whyReadOnly } from "../kinds.ts";
import type { ApiDeps } from "../ports.ts";
import { assertMeshExists } from "./meshes.ts";
import { asUnread, beside } from "./refusals.ts";

type ItemRequest = FastifyRequest<{ Params: { readonly mesh?: string; readonly name: string } }>;

/** PUT replaces spec and labels. 201 created, 200 updated; the body holds only warnings. */
export async function putResource(
  deps: ApiDeps,
  kind: KindDefinition,
  request: ItemRequest,
  reply: FastifyReply,
): Promise<{ readonly warnings?: readonly string[] }> {
  assertAccess(request.user, kind);
  const reason = whyReadOnly(kind, deps);
  if (reason !== undefined) throw methodNotAllowed(reason);
  const { mesh = "", name } = request.params;
  if (kind.scope === "mesh") await assertMeshExists(deps.store, mesh);
  const parsed = toResourceInput(request.body, deps.kinds, { kind: kind.kind, mesh, name });
  if (!("ok" in parsed)) throw invalid("Could not process a resource", await withFurther(deps, parsed));

  const expect = expectedVersion(request);
  const write = { op: "put" as const, resource: parsed.ok, ...(expect !== undefined && { expect }) };
  const admitted = await deps.admission.admit([write], authorOf(request));
  setRevision(reply, admitted.revision);
  reply.code(admitted.outcomes[0] === "created" ? 201 : 200);
  const warnings = [...parsed.warnings, ...admitted.warnings];
  return warnings.length > 0 ? { warnings } : {};
}

/** What admission has against it as far as it is understood, too. */
async function withFurther(
  { admission }: ApiDeps,
  parsed: Extract<ResourceInputResult, { violations: unknown }>,
): Promise<readonly Violation[]> {
  const refusals = await admission.judge([asUnread(parsed)]);
  return [...parsed.violations, ...beside(parsed.violations, refusals)].map(({ path, message }) => ({ path, message }));
}

export async function deleteResource(
  deps: ApiDeps,
  kind: KindDefinition,
  request: ItemRequest,
  reply: FastifyReply,
): Promise<object> {
  assertAccess(request.user, kind);
  const { mesh = "", name } = request.params;
  const expect = expectedVersion(request);
  const key = { kind: kind.kind, mesh, name };
  const write = { op: "delete" as const, key, ...(typeof expect === "number" && { expect }) };
  const admitted = await deps.admission.admit([write], authorOf(request));
  setRevision(reply, admitted.revision);
  return {};
}
