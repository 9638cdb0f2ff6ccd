import { queryParameter } from "./operation.ts";
import { type Json, list, object, text, texts, whole } from "./schema.ts";

const headerParameter = (name: string, description: string): Json => ({ name, in: "header", schema: text, description });

export const sharedParameters: Json = {
  size: queryParameter("size", { type: "integer", minimum: 1, maximum: 1000, default: 100 }, "Items of a page."),
  offset: queryParameter("offset", text, "Where the page starts; take it from `next`. A plain number counts items."),
  name: queryParameter("name", text, "Only names that contain this."),
  labels: {
    ...queryParameter("filter", { type: "object", additionalProperties: text }, "`filter[labels.KEY]=VALUE`: of this label."),
    style: "deepObject",
    explode: true,
  },
  tag: queryParameter("tag", texts, "`KEY:VALUE`, repeatable: some value of the tag contains this."),
  gateway: queryParameter(
    "gateway",
    { enum: ["true", "false", "builtin", "delegated"] },
    "Only gateways, of this type, or none.",
  ),
  type: queryParameter("type", text, "Services of these types: `internal,external,gateway_builtin,gateway_delegated`."),
  format: queryParameter("format", { enum: ["universal", "kubernetes", "k8s"] }, "Shape of the document."),
  minRevision: queryParameter("minRevision", whole, "Answer with a state at least as new as this revision."),
  revision: queryParameter("revision", whole, "The resource as of this revision."),
  kind: queryParameter("kind", text, "Only this kind: `TrafficRoute` or `traffic-routes`."),
  mesh: queryParameter("mesh", text, "Only this mesh."),
  exactName: queryParameter("name", text, "Only resources of exactly this name."),
  version: queryParameter("version", whole, "Write only if the resource is still at this version; 0: does not exist."),
  ifMatch: headerParameter("If-Match", "The same as `version`, with the ETag of a GET."),
  ifNoneMatch: headerParameter("If-None-Match", "`*`: write only what does not exist."),
  message: headerParameter("Meridian-Message", "Why; shown in the history."),
};

export const sharedSchemas: Json = {
  Error: object(["type", "status", "title", "detail", "details"], {
    type: { const: "/std-errors" },
    status: whole,
    title: text,
    detail: text,
    invalid_parameters: list(
      object(["field", "reason"], {
        field: text,
        reason: text,
        rule: text,
        choices: texts,
        document: { ...whole, description: "In a batch: which document, from 0." },
      }),
    ),
    details: { ...text, description: "The same as `detail`, for older clients." },
    causes: {
      ...list(object(["field", "message"], { field: text, message: text })),
      description: "The same as `invalid_parameters`, for older clients.",
    },
  }),
  Written: object([], { warnings: { ...texts, description: "Deprecated or unknown fields of the document." } }),
  Deleted: { type: "object", properties: {}, description: "Nothing is said of it." },
  KubernetesObject: object(["kind", "apiVersion", "metadata"], {
    kind: text,
    apiVersion: text,
    mesh: text,
    type: { ...text, description: "Of Secrets." },
    metadata: object(["name", "namespace"], {
      name: text,
      namespace: text,
      creationTimestamp: { ...text, format: "date-time" },
      labels: { type: "object", additionalProperties: text },
    }),
    spec: { type: "object", additionalProperties: true, description: "As in the universal form." },
    status: { type: "object", additionalProperties: true },
    data: { type: "object", additionalProperties: text, description: "Of Secrets." },
  }),
};
