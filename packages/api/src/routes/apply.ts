import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { authorOf } from "../http/author.ts";
import { acceptYaml } from "../http/bodies.ts";
import { setRevision } from "../http/revisions.ts";
import type { ApiDeps, ApiLimits } from "../ports.ts";
import { readBatch, refusedBatch } from "./batch.ts";
import { dryRun } from "./dry-run.ts";

const title = "Could not apply the documents";

/** `POST /apply`: many documents, one revision, all or nothing; every mistake of every document is named. */
export function applyRoutes(parent: FastifyInstance, deps: ApiDeps, limits: ApiLimits): void {
  // A scope of its own: YAML is accepted here and nowhere else.
  parent.register(async (app) => {
    acceptYaml(app);
    app.post("/apply", { config: { title }, bodyLimit: limits.batchBodyBytes }, (request, reply) => apply(deps, request, reply));
  });
}

async function apply(deps: ApiDeps, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  const batch = await readBatch(deps, request, title);
  const { body, keys } = batch;
  const author = authorOf(request, body.message);
  const options = { createsInitialPolicies: body.initialPolicies };
  const work = body.dryRun ? dryRun(deps, batch.requests) : deps.admission.admit(batch.requests, author, options);
  const result = await work.catch((error: unknown) => {
    throw refusedBatch(batch, error, title);
  });
  if (!body.dryRun) setRevision(reply, result.revision);
  return {
    revision: result.revision,
    ...(body.dryRun && { dryRun: true }),
    results: keys.map(({ kind, mesh, name }, index) => {
      return { kind, mesh, name, outcome: result.outcomes[index] ?? "unchanged", warnings: batch.warnings[index] ?? [] };
    }),
    ...(result.warnings.length > 0 && { warnings: result.warnings }),
  };
}
