import { jsonBody, operation, queryParameter } from "./operation.ts";
import { count, type Json, list, object, record, ref, text, texts, time, whole, yes } from "./schema.ts";

/** Of zones, overviews and convergence alike. */
export const proxyProgress = record({ connected: count, pending: count, rejected: count });

export const convergenceSchemas: Json = {
  Rejection: record({
    mesh: text,
    proxy: text,
    typeUrl: text,
    resources: { ...texts, description: "Names of the refused Envoy resources." },
    message: { ...text, description: "Envoy's own words." },
    policies: { ...texts, description: "`Kind/mesh/name` of the policies that changed what was refused." },
    revision: whole,
    time,
  }),
  ZoneConvergence: object(
    ["zone", "status", "revision", "convergedRevision", "behindRevisions", "behindMs", "proxies", "rejections"],
    {
      zone: text,
      status: { enum: ["online", "unknown", "disabled"] },
      lastHeard: { ...time, description: "Absent when it never connected." },
      revision: { ...whole, description: "The newest that the zone holds and has generated from." },
      convergedRevision: { ...whole, description: "Every proxy has acknowledged everything up to this one." },
      behindRevisions: count,
      behindMs: { ...count, description: "Milliseconds." },
      proxies: proxyProgress,
      rejections: list(ref("Rejection")),
      syncError: { ...text, description: "Why the zone could not apply what it was sent last." },
    },
  ),
  ConvergenceReport: record({ revision: whole, converged: yes, zones: list(ref("ZoneConvergence")) }),
};

export const convergencePaths: Json = {
  "/convergence": {
    get: operation({
      id: "convergence",
      summary: "Which zones have taken a revision in",
      tag: "Apply",
      parameters: [
        queryParameter("revision", whole, "Default: the newest."),
        queryParameter("wait", yes, "Stream events: `progress` after each change, `converged` at the end."),
        queryParameter("everyZone", yes, "With `wait`: no end before every enabled zone is heard."),
      ],
      answers: {
        "200": {
          description: "How far each zone is",
          content: { ...jsonBody(ref("ConvergenceReport")), "text/event-stream": { schema: ref("ConvergenceReport") } },
        },
      },
    }),
  },
};
