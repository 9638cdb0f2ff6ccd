import { type FastifyInstance, type FastifyServerOptions, fastify } from "fastify";
import { ConvergenceState } from "./convergence-state.ts";
import { identifyUsers } from "./http/access.ts";
import { answerError, formatAnswers } from "./http/answers.ts";
import { acceptJson } from "./http/bodies.ts";
import { closeGracefully } from "./http/graceful-close.ts";
import { tellRevisions } from "./http/revisions.ts";
import { endStreamsOnClose } from "./http/streams.ts";
import { observeRequests } from "./http/telemetry.ts";
import { answerUnknownPaths } from "./http/unknown-paths.ts";
import { withComputedInsights } from "./insights/computed-insights.ts";
import { type ApiDeps, type ApiLimits, defaultLimits } from "./ports.ts";
import { applyRoutes } from "./routes/apply.ts";
import { changesRoutes } from "./routes/changes.ts";
import { convergenceRoutes } from "./routes/convergence.ts";
import { diffRoutes } from "./routes/diff.ts";
import { docsRoutes } from "./routes/docs.ts";
import { explainRoutes } from "./routes/explain.ts";
import { generalRoutes } from "./routes/general.ts";
import { globalInsightRoutes } from "./routes/global-insight.ts";
import { historyRoutes } from "./routes/history.ts";
import { inspectRoutes } from "./routes/inspect/index.ts";
import { kriRoutes } from "./routes/kri.ts";
import { overviewRoutes } from "./routes/overviews.ts";
import { planRoutes } from "./routes/plan.ts";
import { policyStatusRoutes } from "./routes/policy-status.ts";
import { proxyAdminRoutes } from "./routes/proxy-admin.ts";
import { resourceRoutes } from "./routes/resources.ts";
import { rollbackRoutes } from "./routes/rollback.ts";
import { tokenRoutes } from "./routes/tokens.ts";

/** How the process listens: plain by default; `https` for the TLS port. */
export interface ServerOptions {
  readonly https?: { readonly key: string; readonly cert: string; readonly minVersion?: "TLSv1.2" | "TLSv1.3" };
}

/**
 * The REST API of a control plane, apart from listening: the process calls `listen`, tests call `inject`. Routes derive from the
 * kinds it is given.
 */
export async function buildApi(deps: ApiDeps, server: ServerOptions = {}): Promise<FastifyInstance> {
  const limits: ApiLimits = { ...defaultLimits, ...deps.limits };
  const options: FastifyServerOptions = {
    logger: false,
    bodyLimit: limits.resourceBodyBytes,
    // The longest is a KRI of four names of 253 characters each.
    routerOptions: { maxParamLength: 2_048, ignoreTrailingSlash: true },
    // As the peer: slow clients must not hold connections.
    requestTimeout: 60_000,
    keepAliveTimeout: 120_000,
    // Streams end by themselves when the server closes; idle connections need not be waited for.
    forceCloseConnections: "idle",
    frameworkErrors: (error, request, reply) => {
      answerError(error, request, reply, deps.logger);
    },
  };
  // Fastify's types split by protocol; to the routes an HTTPS server is the same.
  const app: FastifyInstance = fastify({ ...options, https: server.https ?? null } as FastifyServerOptions);
  acceptJson(app);
  formatAnswers(app, deps.logger);
  observeRequests(app, deps.logger, deps.metrics);
  endStreamsOnClose(app);
  closeGracefully(app);
  identifyUsers(app, { ...deps.authentication, tokens: deps.tokens });
  tellRevisions(app, deps.store, limits.minRevisionWaitMs);
  answerUnknownPaths(app);
  registerRoutes(app, { ...deps, store: storeWithInsights(deps) }, limits);
  await app.ready();
  return app;
}

function storeWithInsights({ store, insights, kinds, convergence, mode, zone = "" }: ApiDeps): ApiDeps["store"] {
  const heard = () => {
    const state = new ConvergenceState(convergence, mode === "global" ? undefined : zone);
    return (name: string): boolean => state.isHeard(name);
  };
  return withComputedInsights(store, { book: insights, kinds, heard });
}

function registerRoutes(app: FastifyInstance, deps: ApiDeps, limits: ApiLimits): void {
  generalRoutes(app, deps);
  for (const kind of deps.kinds.all) {
    resourceRoutes(app, deps, kind, limits);
    overviewRoutes(app, deps, kind);
    policyStatusRoutes(app, deps, limits, kind);
    proxyAdminRoutes(app, deps, kind);
  }
  inspectRoutes(app, deps);
  kriRoutes(app, deps);
  globalInsightRoutes(app, deps);
  tokenRoutes(app, deps);
  applyRoutes(app, deps, limits);
  changesRoutes(app, deps, limits);
  historyRoutes(app, deps);
  diffRoutes(app, deps);
  rollbackRoutes(app, deps);
  planRoutes(app, deps, limits);
  explainRoutes(app, deps);
  convergenceRoutes(app, deps, limits);
  docsRoutes(app, deps);
}
