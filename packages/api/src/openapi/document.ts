import type { ApiDeps, ApiInfo } from "../ports.ts";
import { applyPaths, applySchemas } from "./apply.ts";
import { convergencePaths, convergenceSchemas } from "./convergence.ts";
import { explainPaths, explainSchemas } from "./explain.ts";
import { generalPaths, generalSchemas } from "./general.ts";
import { historyPaths, historySchemas } from "./history.ts";
import { inspectPaths } from "./inspect.ts";
import { inspectSchemas } from "./inspect-schemas.ts";
import { kindPaths } from "./kind-paths.ts";
import { kindSchemas, statusSchemas } from "./kind-schemas.ts";
import { sharedHeaders, sharedResponses } from "./operation.ts";
import { overviewPaths, overviewSchemas } from "./overviews.ts";
import { planPaths, planSchemas } from "./plan.ts";
import { policyStatusPaths, policyStatusSchemas } from "./policy-status.ts";
import { proxyAdminPaths } from "./proxy-admin.ts";
import type { Json } from "./schema.ts";
import { sharedParameters, sharedSchemas } from "./shared.ts";
import { tokenPaths, tokenSchemas } from "./tokens.ts";

type Described = Pick<ApiDeps, "kinds" | "planner" | "explainer" | "proxyAdmin"> & {
  readonly info: Pick<ApiInfo, "product" | "version">;
};

/** OpenAPI 3.1 of this control plane: what the kinds say of themselves, and what it has beside them. */
export function openApiDocument({ kinds, info, planner, explainer, proxyAdmin }: Described): Json {
  return {
    openapi: "3.1.0",
    info: { title: `${info.product} API`, version: info.version },
    paths: Object.assign(
      {},
      generalPaths({ kinds }),
      applyPaths,
      planner ? planPaths : {},
      convergencePaths,
      historyPaths,
      explainer ? explainPaths : {},
      inspectPaths(kinds),
      tokenPaths,
      ...kinds.all.flatMap((kind) => [
        kindPaths(kind),
        overviewPaths(kind),
        policyStatusPaths(kind),
        proxyAdmin ? proxyAdminPaths(kind) : {},
      ]),
    ),
    components: {
      parameters: sharedParameters,
      headers: sharedHeaders,
      responses: sharedResponses,
      schemas: Object.assign(
        {},
        sharedSchemas,
        statusSchemas,
        generalSchemas,
        applySchemas,
        planSchemas,
        convergenceSchemas,
        historySchemas,
        explainSchemas,
        inspectSchemas,
        tokenSchemas,
        policyStatusSchemas,
        ...kinds.all.flatMap((kind) => [kindSchemas(kind), overviewSchemas(kind, kinds)]),
      ),
      securitySchemes: { userToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
    // Either nothing, where the network is trusted, or a user token.
    security: [{}, { userToken: [] }],
  };
}
