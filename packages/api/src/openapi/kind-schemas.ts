import type { KindDefinition } from "@meridian/model";
import { type Json, ref } from "./kind-paths.ts";

/** The document of a kind and a page of them: what `renderResource` writes. */
export function kindSchemas(kind: KindDefinition): Json {
  return {
    [kind.kind]: documentSchema(kind),
    [`${kind.kind}List`]: {
      type: "object",
      required: ["total", "items", "next"],
      properties: {
        total: { type: "integer" },
        items: { type: "array", items: ref(kind.kind) },
        next: { type: ["string", "null"], description: "URL of the next page." },
      },
    },
  };
}

function documentSchema(kind: KindDefinition): Json {
  // A TypeBox schema is JSON Schema; the detour drops its symbols.
  const spec = JSON.parse(JSON.stringify(kind.schema)) as { readonly properties?: Json; readonly required?: readonly string[] };
  const isMeshScoped = kind.scope === "mesh";
  const envelope = {
    type: { const: kind.kind },
    ...(isMeshScoped && { mesh: { type: "string" } }),
    name: { type: "string", maxLength: 253 },
    creationTime: { type: "string", format: "date-time", readOnly: true },
    modificationTime: { type: "string", format: "date-time", readOnly: true },
    labels: { type: "object", additionalProperties: { type: "string" } },
    ...(kind.shortName !== undefined && { kri: { type: "string", readOnly: true } }),
  };
  const required = ["type", "name", ...(isMeshScoped ? ["mesh"] : [])];
  if (kind.style === "spec") {
    const status = { type: "object", readOnly: true };
    return { type: "object", required: [...required, "spec"], properties: { ...envelope, spec, status } };
  }
  return { type: "object", required: [...required, ...(spec.required ?? [])], properties: { ...envelope, ...spec.properties } };
}
