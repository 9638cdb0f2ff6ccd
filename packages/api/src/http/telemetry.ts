import { Counter, Histogram, type Logger, type Registry } from "@meridian/base";
import type { FastifyInstance } from "fastify";

/** Counts and times requests by route, and logs writes and failures. Never a query, a header or a body: those may hold secrets. */
export function observeRequests(app: FastifyInstance, logger: Logger, registry: Registry): void {
  const { duration, streams } = requestMetrics(registry);
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    if (/^(text\/event-stream|application\/x-ndjson)/.test(String(reply.getHeader("content-type")))) {
      streams.inc({ route });
      return;
    }
    const { method } = request;
    const status = reply.statusCode;
    duration.observe({ method, route, status: String(status) }, reply.elapsedTime / 1000);
    const facts = { method, route, status, user: request.user?.name, durationMs: Math.round(reply.elapsedTime * 10) / 10 };
    if (status >= 500) logger.warn(facts, "api request failed");
    else if (method !== "GET" && method !== "HEAD") logger.info(facts, "api request");
    else logger.debug(facts, "api request");
  });
}

/** Made once a process: the HTTP and the HTTPS server count together. */
function requestMetrics(registry: Registry) {
  const durationName = "meridian_api_request_duration_seconds";
  const streamsName = "meridian_api_streams_total";
  return {
    duration:
      (registry.getSingleMetric(durationName) as Histogram | undefined) ??
      new Histogram({
        name: durationName,
        help: "Time from a request's headers to the end of its answer, by route; streams are left out.",
        labelNames: ["method", "route", "status"],
        buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
        registers: [registry],
      }),
    streams:
      (registry.getSingleMetric(streamsName) as Counter | undefined) ??
      new Counter({
        name: streamsName,
        help: "Streams (events, change feed) that have ended, by route.",
        labelNames: ["route"],
        registers: [registry],
      }),
  };
}
