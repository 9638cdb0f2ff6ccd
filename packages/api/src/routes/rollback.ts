import type { Admitted } from "@meridian/admission";
import { checkResource } from "@meridian/model";
import { type Author, ConflictError } from "@meridian/store";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { assertAccess } from "../http/access.ts";
import { authorOf } from "../http/author.ts";
import { type FieldViolation, invalid, methodNotAllowed } from "../http/errors.ts";
import { assertRevisionExists } from "../http/log-query.ts";
import { setRevision } from "../http/revisions.ts";
import type { ApiDeps } from "../ports.ts";
import { describeKey, planRollback, type RollbackPlan } from "../rollback/plan-rollback.ts";
import { type RollbackBody, readRollbackBody } from "../rollback/rollback-body.ts";
import { diffViews } from "./diff.ts";
import { dryRun } from "./dry-run.ts";
import { keyView } from "./log-views.ts";
import { refusalsOf } from "./refusals.ts";

const title = "Could not roll back";
/** Each attempt after the first means that somebody wrote one of the same resources meanwhile. */
const maxAttempts = 5;

/**
 * `POST /rollback {revision, only?, dryRun?, message?}`: what users own becomes what it was at a revision, as one new revision that
 * passes admission like any other write. What is not valid any more refuses it as a whole, every violation named.
 */
export function rollbackRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.post("/rollback", { config: { title } }, async (request, reply) => {
    if (deps.readOnly) throw methodNotAllowed("this control plane is read-only: roll back where its resources are kept");
    const body = readRollbackBody(request.body, deps.kinds);
    await assertRevisionExists(deps.store, body.revision, title);
    return rollBack(deps, body, request, reply);
  });
}

async function rollBack(deps: ApiDeps, body: RollbackBody, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  const given = authorOf(request, body.message);
  const message = [`rollback to revision ${body.revision}`, given.message].filter(Boolean).join(": ");
  const author = { ...given, message };
  for (let attempt = 1; ; attempt++) {
    const plan = await planRollback(deps, body);
    try {
      await assertAllowed(deps, plan, request);
      return await (body.dryRun ? preview(deps, plan, body) : write(deps, { plan, body, author, reply }));
    } catch (error) {
      // What this was decided by has changed: decide again.
      if (!(error instanceof ConflictError) || attempt === maxAttempts) throw refused(plan, error);
    }
  }
}

/** @throws ApiProblem 403 for secrets of others, 400 with everything that cannot be as it was */
async function assertAllowed(deps: ApiDeps, plan: RollbackPlan, request: FastifyRequest): Promise<void> {
  for (const { key } of plan.changes) {
    const kind = deps.kinds.get(key.kind);
    if (kind) assertAccess(request.user, kind);
  }
  if (plan.violations.length > 0) throw invalid("Bad Request", plan.violations, "The request is not valid");
  const outdated = plan.requests.flatMap((write, index) =>
    write.op === "put" ? checkResource(write.resource, deps.kinds).map((violation) => ({ ...violation, request: index })) : [],
  );
  if (outdated.length === 0) return;
  // Judged, too, as far as that goes, so that one answer names everything.
  const isOutdated = new Set(outdated.map(({ request }) => request));
  const refusals = await deps.admission.judge(
    plan.requests.map((write, index) =>
      write.op === "put" && isOutdated.has(index) ? { op: "unread", resource: write.resource } : write,
    ),
  );
  throw invalidRollback([...outdated, ...refusals].map((violation) => inPlan(plan, violation)));
}

interface Write {
  readonly plan: RollbackPlan;
  readonly body: RollbackBody;
  readonly author: Author;
  readonly reply: FastifyReply;
}

async function write(deps: ApiDeps, { plan, body, author, reply }: Write): Promise<object> {
  if (plan.requests.length === 0) return answer(plan, body, { revision: plan.from, outcomes: [], warnings: [] });
  // A mesh that comes back has the policies that it had then, not those of a new one.
  const admitted = await deps.admission.admit(plan.requests, author, { createsInitialPolicies: false });
  setRevision(reply, admitted.revision);
  return answer(plan, body, admitted);
}

async function preview(deps: ApiDeps, plan: RollbackPlan, body: RollbackBody): Promise<object> {
  const nothing = { revision: plan.from, outcomes: [], warnings: [] };
  const admitted = plan.requests.length === 0 ? nothing : await dryRun(deps, plan.requests);
  const diffs = await diffViews(plan.changes, { before: "now", after: `revision ${body.revision}` }, deps);
  return { ...answer(plan, body, admitted), dryRun: true, diffs };
}

function answer(plan: RollbackPlan, body: RollbackBody, { revision, outcomes, warnings }: Admitted): object {
  return {
    revision,
    restored: body.revision,
    /** Revisions after `restored` up to this one are undone; later ones came while this was under way. */
    undoneTo: plan.from,
    results: plan.changes.map(({ key }, index) => ({ ...keyView(key), outcome: outcomes[index] ?? "unchanged" })),
    leftAlone: plan.leftAlone,
    ...(warnings.length > 0 && { warnings }),
  };
}

/** What admission refused, in terms of the resources that should go back. */
function refused(plan: RollbackPlan, error: unknown): unknown {
  const refusals = refusalsOf(error);
  return refusals ? invalidRollback(refusals.map((violation) => inPlan(plan, violation))) : error;
}

function inPlan(plan: RollbackPlan, { request, path, message }: FieldViolation & { readonly request: number }): FieldViolation {
  const change = plan.changes[request];
  const resource = change ? describeKey(change.key) : `requests[${request}]`;
  return { path: path === "" ? resource : `${resource} ${path}`, message };
}

function invalidRollback(violations: readonly FieldViolation[]) {
  return invalid(title, violations, "What was then is not valid now; nothing was written");
}
