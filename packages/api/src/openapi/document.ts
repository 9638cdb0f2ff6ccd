import type { ApiDeps, ApiInfo } from "../ports.ts";
import { explainPaths, explainSchemas } from "./explain.ts";
import { historyPaths, historySchemas } from "./history.ts";
import { inspectPaths, inspectSchemas } from "./inspect.ts";
import { type Json, kindPaths } from "./kind-paths.ts";
import { kindSchemas } from "./kind-schemas.ts";
import { planPaths, planSchemas } from "./plan.ts";
import { policyStatusPaths, policyStatusSchemas } from "./policy-status.ts";
import { sharedParameters, sharedPaths, sharedResponses, sharedSchemas } from "./shared.ts";

type Described = Pick<ApiDeps, "kinds" | "planner" | "explainer"> & { readonly info: Pick<ApiInfo, "product" | "version"> };

/** OpenAPI 3.1 of this control plane: what the kinds say of themselves, and what it has beside them. */
export function openApiDocument({ kinds, info, planner, explainer }: Described): Json {
  return {
    openapi: "3.1.0",
    info: { title: `${info.product} API`, version: info.version },
    paths: Object.assign(
      {},
      sharedPaths,
      historyPaths,
      planner ? planPaths : {},
      explainer ? explainPaths : {},
      inspectPaths(kinds),
      ...kinds.all.flatMap((kind) => [kindPaths(kind), policyStatusPaths(kind)]),
    ),
    components: {
      parameters: sharedParameters,
      responses: sharedResponses,
      schemas: Object.assign(
        {},
        sharedSchemas,
        historySchemas,
        planSchemas,
        explainSchemas,
        policyStatusSchemas,
        inspectSchemas,
        ...kinds.all.map(kindSchemas),
      ),
      securitySchemes: { userToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
    // Either nothing, where the network is trusted, or a user token.
    security: [{}, { userToken: [] }],
  };
}
