import type { Registry } from "@meridian/base";
import { type FastifyInstance, fastify } from "fastify";

export interface Readiness {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

export interface DiagnosticsDeps {
  readonly registry: Registry;
  /** Whether the process can do its work now; the reasons name what is missing. */
  readonly ready: () => Readiness | Promise<Readiness>;
  /** False only when a restart would help. */
  readonly healthy: () => boolean;
}

/** Port 5680: for probes and scrapers. Apart from the API, so that neither's load or access rules touch the other. */
export function buildDiagnostics(deps: DiagnosticsDeps): FastifyInstance {
  const app = fastify({ logger: false });
  app.get("/ready", async (_request, reply) => {
    const { ok, reasons } = await deps.ready();
    const text = ok ? "ready" : reasons.join("\n") || "not ready";
    return reply
      .code(ok ? 200 : 503)
      .header("content-type", "text/plain")
      .send(`${text}\n`);
  });
  app.get("/healthy", async (_request, reply) => {
    const ok = deps.healthy();
    return reply
      .code(ok ? 200 : 503)
      .header("content-type", "text/plain")
      .send(ok ? "healthy\n" : "not healthy\n");
  });
  app.get("/metrics", async (_request, reply) =>
    reply.header("content-type", deps.registry.contentType).send(await deps.registry.metrics()),
  );
  return app;
}
