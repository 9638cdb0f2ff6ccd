/** Scalar types of proto3, as .proto files name them. */
export const scalarTypes = [
  "double",
  "float",
  "int32",
  "int64",
  "uint32",
  "uint64",
  "sint32",
  "sint64",
  "fixed32",
  "fixed64",
  "sfixed32",
  "sfixed64",
  "bool",
  "string",
  "bytes",
] as const;

export type Scalar = (typeof scalarTypes)[number];

/** `google.protobuf` types whose JSON is not an object of their fields (proto3 JSON mapping). */
export const wellKnownTypes = [
  "Any",
  "Duration",
  "Timestamp",
  "FieldMask",
  "Struct",
  "Value",
  "ListValue",
  "Empty",
  "DoubleValue",
  "FloatValue",
  "Int64Value",
  "UInt64Value",
  "Int32Value",
  "UInt32Value",
  "BoolValue",
  "StringValue",
  "BytesValue",
] as const;

export type WellKnown = (typeof wellKnownTypes)[number];

const wellKnownNames: ReadonlySet<string> = new Set(wellKnownTypes);
const wellKnownPackage = "google.protobuf.";

/** `google.protobuf.Duration` → `Duration`; absent for types that map to plain objects. */
export function wellKnownOf(fullName: string): WellKnown | undefined {
  if (!fullName.startsWith(wellKnownPackage)) return undefined;
  const name = fullName.slice(wellKnownPackage.length);
  return wellKnownNames.has(name) ? (name as WellKnown) : undefined;
}

export interface EnumDefinition {
  readonly name: string;
  readonly numberOf: ReadonlyMap<string, number>;
  readonly nameOf: ReadonlyMap<number, string>;
}

export type FieldType =
  | { readonly kind: "scalar"; readonly scalar: Scalar }
  | { readonly kind: "enum"; readonly definition: EnumDefinition }
  | { readonly kind: "message"; readonly definition: MessageDefinition }
  | { readonly kind: "wellKnown"; readonly name: WellKnown };

export interface FieldDefinition {
  /** camelCase: the canonical JSON name. */
  readonly name: string;
  readonly protoName: string;
  readonly id: number;
  readonly shape: "single" | "repeated" | "map";
  /** Only of maps. */
  readonly keyType: Scalar | undefined;
  /** A set zero value is written: members of a oneof, `optional` fields. */
  readonly explicitPresence: boolean;
  readonly oneof: string | undefined;
  /** Resolved when first used, so that only the files that are needed are read. */
  readonly type: () => FieldType;
}

export interface MessageDefinition {
  readonly fullName: string;
  /** By JSON name and by proto name. */
  readonly byName: ReadonlyMap<string, FieldDefinition>;
  readonly byId: ReadonlyMap<number, FieldDefinition>;
}
