/** A value of proto3 JSON. Bytes may also be given as they are. */
export type ProtoJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly ProtoJson[]
  | { readonly [field: string]: ProtoJson | undefined };

/** A message in proto3 JSON: camelCase fields; an Any has `@type` beside its fields. */
export type ProtoJsonObject = { readonly [field: string]: unknown };

/** A message while it is read. */
export type MutableJson = Record<string, unknown>;

export function isObject(value: unknown): value is ProtoJsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
