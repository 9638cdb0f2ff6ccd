import { decodeMessage, type EncodedResource } from "@meridian/envoy";

export type Json = Readonly<Record<string, unknown>>;

/** Canonical proto3 JSON of a resource, as Envoy would print it. */
export function resourceJson({ delta }: EncodedResource): Json {
  const { resource } = decodeMessage("envoy.service.discovery.v3.Resource", delta) as { readonly resource: object };
  const { "@type": _, ...fields } = resource as Json;
  return fields;
}

/** Objects of a repeated field; none: an empty list. */
export function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** What stands at a path of field names; undefined where something on the way is not there. */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (Object(at) as Json)[name], value);
}

/** The message in a filter or a transport socket, if it is of this type (last part of its name). */
export function configOf(holder: unknown, type: string): Json | undefined {
  const config = fieldAt(holder, "typedConfig") as Json | undefined;
  return config && String(config["@type"]).endsWith(type) ? config : undefined;
}
