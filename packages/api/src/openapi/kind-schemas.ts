import type { KindDefinition } from "@meridian/model";
import { count, type Json, list, object, record, ref, text, time } from "./schema.ts";

/** The document of a kind and a page of them: what `renderResource` writes. */
export function kindSchemas(kind: KindDefinition): Json {
  return { [kind.kind]: documentSchema(kind), [`${kind.kind}List`]: pageOf(ref(kind.kind)) };
}

export function pageOf(item: Json): Json {
  return record({ total: count, items: list(item), next: { type: ["string", "null"], description: "URL of the next page." } });
}

/** What every document has around its spec, and which of it a mesh-scoped or global kind must have. */
export function envelopeOf(kind: KindDefinition, type: string): { readonly properties: Json; readonly required: string[] } {
  const isMeshScoped = kind.scope === "mesh";
  return {
    required: ["type", "name", ...(isMeshScoped ? ["mesh"] : [])],
    properties: {
      type: { const: type },
      ...(isMeshScoped && { mesh: text }),
      name: { ...text, maxLength: 253 },
      creationTime: { ...time, readOnly: true },
      modificationTime: { ...time, readOnly: true },
      labels: { type: "object", additionalProperties: text },
      ...(kind.shortName !== undefined && { kri: { ...text, readOnly: true } }),
    },
  };
}

/** The spec as JSON Schema of its own: the detour drops TypeBox's symbols. */
export function specSchema(kind: KindDefinition): Json {
  return standardFormats(JSON.parse(JSON.stringify(kind.schema)) as Json, kind.style) as Json;
}

function documentSchema(kind: KindDefinition): Json {
  const spec = specSchema(kind);
  const { properties, required } = envelopeOf(kind, kind.kind);
  if (kind.style === "spec") {
    return object([...required, "spec"], { ...properties, spec, status: { ...ref("ResourceStatus"), readOnly: true } });
  }
  return object(required, { ...properties, ...(spec["properties"] as Json | undefined) });
}

/**
 * JSON Schema's own `duration` is ISO 8601, which these are not. What a legacy kind requires is left to its rules: an absent field is
 * its zero value, as in proto JSON.
 */
function standardFormats(value: unknown, style: KindDefinition["style"]): unknown {
  if (Array.isArray(value)) return value.map((item) => standardFormats(item, style));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    if (key === "required" && Array.isArray(member) && style === "legacy") return [];
    if (key === "format" && member === "duration") return [["format", "go-duration"]];
    if (key === "format" && member === "base64") return [["contentEncoding", "base64"]];
    return [[key, standardFormats(member, style)]];
  });
  return Object.fromEntries(entries);
}

const reference = record({ coreName: text });
const conditions = list(record({ type: text, status: { enum: ["True", "False", "Unknown"] }, reason: text, message: text }));

/** `status` of every kind that has one; control planes write it. */
export const statusSchemas: Json = {
  ResourceStatus: object([], {
    addresses: list(
      record({ hostname: text, origin: { enum: ["HostnameGenerator", "Kubernetes"] }, hostnameGeneratorRef: reference }),
    ),
    hostnameGenerators: list(
      record({
        hostnameGeneratorRef: reference,
        conditions,
      }),
    ),
    vips: list(record({ ip: text })),
    vip: record({ ip: text }),
    tls: record({ status: { enum: ["Ready", "NotReady"] } }),
    dataplaneProxies: record({ connected: count, healthy: count, total: count }),
    meshServices: list(record({ name: text, namespace: text, zone: text, mesh: text })),
    conditions: { ...conditions, description: "Of a MeshIdentity: what it waits for." },
    trustedCa: { ...text, description: "Of a MeshIdentity: SHA-256 of the CA that every proxy of its zone believes." },
  }),
};
