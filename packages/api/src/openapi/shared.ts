import { answer, type Json, jsonBody, ref } from "./kind-paths.ts";

export const queryParameter = (name: string, schema: Json, description: string): Json => ({
  name,
  in: "query",
  schema,
  description,
});
const headerParameter = (name: string, description: string): Json => ({
  name,
  in: "header",
  schema: { type: "string" },
  description,
});

export const sharedParameters: Json = {
  size: queryParameter("size", { type: "integer", minimum: 1, maximum: 1000, default: 100 }, "Items of a page."),
  offset: queryParameter("offset", { type: "string" }, "Where the page starts; take it from `next`."),
  name: queryParameter("name", { type: "string" }, "Only names that contain this."),
  format: queryParameter("format", { enum: ["universal", "kubernetes", "k8s"] }, "Shape of the document."),
  minRevision: queryParameter("minRevision", { type: "integer" }, "Answer with a state at least as new as this revision."),
  revision: queryParameter("revision", { type: "integer" }, "The resource as of this revision."),
  kind: queryParameter("kind", { type: "string" }, "Only this kind: `TrafficRoute` or `traffic-routes`."),
  mesh: queryParameter("mesh", { type: "string" }, "Only this mesh."),
  exactName: queryParameter("name", { type: "string" }, "Only resources of exactly this name."),
  version: queryParameter(
    "version",
    { type: "integer" },
    "Write only if the resource is still at this version; 0: does not exist.",
  ),
  ifMatch: headerParameter("If-Match", "The same as `version`, with the ETag of a GET."),
  message: headerParameter("Meridian-Message", "Why; shown in the history."),
};

export const sharedResponses: Json = {
  BadRequest: answer("Not valid; every bad field is named", ref("Error")),
  Forbidden: answer("Only administrators may do this", ref("Error")),
  NotFound: answer("There is no such resource or mesh", ref("Error")),
  ReadOnly: answer("This kind cannot be written here", ref("Error")),
  Conflict: answer("Somebody else has changed it: read it again", ref("Error")),
  Gone: answer("The log was compacted past that revision", ref("Error")),
  Unavailable: answer("The store cannot be reached; try again", ref("Error")),
};

const text = { type: "string" };
const whole = { type: "integer" };

export const sharedSchemas: Json = {
  Error: {
    type: "object",
    required: ["type", "status", "title", "detail", "details"],
    properties: {
      type: text,
      status: whole,
      title: text,
      detail: text,
      details: text,
      invalid_parameters: {
        type: "array",
        items: { type: "object", required: ["field", "reason"], properties: { field: text, reason: text, document: whole } },
      },
    },
  },
  Written: { type: "object", properties: { warnings: { type: "array", items: text } } },
  ApplyRequest: {
    type: "object",
    properties: {
      documents: { type: "array", items: { type: "object" } },
      text: { ...text, description: "YAML documents, instead of `documents`." },
      deletes: {
        type: "array",
        items: { type: "object", required: ["type", "name"], properties: { type: text, mesh: text, name: text } },
      },
      message: text,
      dryRun: { type: "boolean" },
      mesh: { ...text, description: "Mesh of documents that name none." },
      initialPolicies: { type: "boolean", default: true, description: "False: meshes that are created get no default policies." },
    },
  },
  ApplyAnswer: {
    type: "object",
    required: ["revision", "results"],
    properties: { revision: whole, dryRun: { type: "boolean" }, results: { type: "array", items: { type: "object" } } },
  },
  ConvergenceReport: {
    type: "object",
    required: ["revision", "converged", "zones"],
    properties: { revision: whole, converged: { type: "boolean" }, zones: { type: "array", items: { type: "object" } } },
  },
};

const anyObject = { type: "object" };
export const get = (operationId: string, summary: string, parameters: readonly Json[], content: Json): Json => ({
  get: { operationId, summary, parameters, responses: { "200": { description: summary, content } } },
});
const token = (kind: string): Json => ({
  post: {
    operationId: `${kind}Token`,
    summary: `Issue a ${kind} token`,
    requestBody: { required: true, content: jsonBody(anyObject) },
    responses: { "200": { description: "The token", content: { "text/plain": { schema: text } } } },
  },
});

/** What does not follow from the kinds. */
export const sharedPaths: Json = {
  "/": get("index", "What control plane this is", [], jsonBody(anyObject)),
  "/who-am-i": get("whoAmI", "Who the control plane takes you for", [], jsonBody(anyObject)),
  "/config": get("config", "The settings in force, secrets masked", [], jsonBody(anyObject)),
  "/policies": get("policies", "The kinds of policies", [], jsonBody(anyObject)),
  "/_resources": get("resources", "The kinds of resources", [], jsonBody(anyObject)),
  "/global-insight": get("globalInsight", "Counts over all meshes", [], jsonBody(anyObject)),
  "/apply": {
    post: {
      operationId: "apply",
      summary: "Write many documents as one revision, all or nothing",
      requestBody: { required: true, content: { ...jsonBody(ref("ApplyRequest")), "application/yaml": { schema: text } } },
      responses: {
        "200": answer("What became of each document", ref("ApplyAnswer")),
        "400": answer("Nothing was written", ref("Error")),
      },
    },
  },
  "/convergence": get(
    "convergence",
    "Which zones have taken a revision in",
    [queryParameter("revision", whole, "Default: the newest."), queryParameter("wait", { type: "boolean" }, "Stream events.")],
    { ...jsonBody(ref("ConvergenceReport")), "text/event-stream": { schema: ref("ConvergenceReport") } },
  ),
  "/tokens/dataplane": token("dataplane"),
  "/tokens/zone": token("zone"),
  "/tokens/user": token("user"),
};
