import type { ConvergenceReport, Revision } from "@meridian/model";
import type { FastifyInstance } from "fastify";
import { invalid } from "../http/errors.ts";
import { flag, type Query, wholeNumber } from "../http/query.ts";
import { sendStream, WakeUp } from "../http/streams.ts";
import type { ApiDeps, ApiLimits } from "../ports.ts";

/**
 * Which zones have taken a revision in. `wait=true` streams reports as server-sent events: `progress` after each change, and
 * `converged` at the end; with `everyZone=true` not before every enabled zone is heard. A rejection does not end the stream, for a
 * later revision may mend it: the client decides.
 */
export function convergenceRoutes(app: FastifyInstance, deps: ApiDeps, limits: ApiLimits): void {
  app.get("/convergence", { config: { title: "Could not read the convergence" } }, async (request, reply) => {
    const query = request.query as Query;
    const newest = await deps.store.revision();
    const revision = wholeNumber(query, "revision");
    if (revision !== undefined && revision > newest) {
      throw invalid(
        "Bad Request",
        [{ path: "revision", message: `the newest revision is ${newest}` }],
        "Invalid query parameter",
      );
    }
    if (!flag(query, "wait")) return deps.convergence.report(revision);
    const wanted = { revision: revision ?? newest, everyZone: flag(query, "everyZone") };
    return sendStream(app, reply, "text/event-stream", (signal) => reports(deps, limits, wanted, signal));
  });
}

interface Wanted {
  readonly revision: Revision;
  readonly everyZone: boolean;
}

async function* reports(
  { convergence }: ApiDeps,
  limits: ApiLimits,
  { revision, everyZone }: Wanted,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  const changed = new WakeUp();
  const unsubscribe = convergence.subscribe(changed.wake);
  try {
    let isNew = true;
    while (!signal.aborted) {
      const report = convergence.report(revision);
      const isUnheard = everyZone && report.zones.some(({ status }) => status === "unknown");
      if (report.converged && !isUnheard) {
        yield event("converged", report);
        return;
      }
      yield isNew ? event("progress", report) : ": still here\n\n";
      isNew = await changed.next(limits.heartbeatIntervalMs, signal);
    }
  } finally {
    unsubscribe();
  }
}

function event(name: string, report: ConvergenceReport): string {
  return `event: ${name}\ndata: ${JSON.stringify(report)}\n\n`;
}
