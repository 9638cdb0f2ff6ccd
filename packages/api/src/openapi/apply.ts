import { answer, jsonBody, operation, queryParameter } from "./operation.ts";
import { type Json, list, object, ref, text, texts, whole, yes } from "./schema.ts";

const document = { type: "object", additionalProperties: true, description: "A resource, in universal or Kubernetes form." };

/** Also what `/plan` takes. */
export const applyFields: Json = {
  documents: list(document),
  text: { ...text, description: "YAML documents, besides `documents`." },
  deletes: list(object(["type", "name"], { type: text, mesh: text, name: text })),
  message: text,
  dryRun: yes,
  mesh: { ...text, description: "Mesh of documents that name none." },
  initialPolicies: { ...yes, default: true, description: "False: meshes that are created get no default policies." },
};

export const applySchemas: Json = {
  ApplyRequest: object([], applyFields),
  ApplyResult: object(["kind", "mesh", "name", "outcome", "warnings"], {
    kind: text,
    mesh: { ...text, description: "Empty for a kind of global scope." },
    name: text,
    outcome: { enum: ["created", "updated", "unchanged", "deleted", "absent"] },
    warnings: texts,
  }),
  ApplyAnswer: object(["revision", "results"], {
    revision: { ...whole, description: "The one that was made; the newest where nothing had to change, or of a dry run." },
    dryRun: yes,
    results: { ...list(ref("ApplyResult")), description: "Documents first, then deletes." },
    warnings: texts,
  }),
};

/** What documents are sent as; the query says the rest of what comes as YAML. */
export const batchBody = (schema: string): Json => ({
  ...jsonBody(ref(schema)),
  "application/yaml": { schema: text },
  "application/x-yaml": { schema: text },
  "text/yaml": { schema: text },
});
export const yamlParameters: readonly Json[] = [queryParameter("mesh", text, "Of YAML: mesh of documents that name none.")];

export const applyPaths: Json = {
  "/apply": {
    post: operation({
      id: "apply",
      summary: "Write many documents as one revision, all or nothing",
      tag: "Apply",
      parameters: [
        ...yamlParameters,
        queryParameter("message", text, "Of YAML: why; shown in the history."),
        queryParameter("dryRun", yes, "Of YAML: write nothing."),
      ],
      body: batchBody("ApplyRequest"),
      answers: { "200": answer("What became of each document", ref("ApplyAnswer")) },
      refusals: ["403", "405", "409"],
    }),
  },
};
