import { createHash } from "node:crypto";
import type { ResourceInput } from "./resource.ts";

/**
 * JSON with sorted keys and without `undefined`: equal values give equal text on every machine, so it can be hashed and compared.
 * Takes JSON values only.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const field = (value as Readonly<Record<string, unknown>>)[name];
    if (field !== undefined) fields.push(`${JSON.stringify(name)}:${canonicalJson(field)}`);
  }
  return `{${fields.join(",")}}`;
}

/** SHA-256, hex, over key, labels, spec and status: neither version nor times, which differ between control planes. */
export function contentHash(resource: ResourceInput): string {
  const { kind, mesh, name } = resource;
  return createHash("sha256")
    .update(canonicalJson([kind, mesh, name, ...contentOf(resource)]))
    .digest("hex");
}

/** Whether a write of `a` over `b` would change nothing. */
export function sameContent(a: ResourceInput, b: ResourceInput): boolean {
  return a === b || canonicalJson(contentOf(a)) === canonicalJson(contentOf(b));
}

function contentOf(resource: ResourceInput): readonly unknown[] {
  return [resource.labels, resource.spec ?? null, resource.status ?? null];
}
