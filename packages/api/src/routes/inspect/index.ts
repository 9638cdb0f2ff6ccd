import type { FastifyInstance } from "fastify";
import type { ApiDeps } from "../../ports.ts";
import { proxyConfigRoute } from "./config-route.ts";
import { dataplaneInspectRoutes } from "./dataplane-routes.ts";
import { policyInspectRoutes } from "./policy-routes.ts";
import { serviceInspectRoutes } from "./service-routes.ts";

/** What policies make of proxies and services; `@meridian/inspect` has the answers. */
export function inspectRoutes(app: FastifyInstance, deps: ApiDeps): void {
  dataplaneInspectRoutes(app, deps);
  proxyConfigRoute(app, deps);
  for (const kind of deps.kinds.all) {
    policyInspectRoutes(app, deps, kind);
    serviceInspectRoutes(app, deps, kind);
  }
}
