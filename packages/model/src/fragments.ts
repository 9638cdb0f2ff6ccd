import { type Static, type TSchema, type TUnsafe, Type } from "@sinclair/typebox";

/** Everything read-only, all the way down: resources are shared. */
export type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/**
 * A legacy spec before its validation: any field may be missing, because the schema of a legacy kind does not enforce `required`
 * (see `KindDefinition.schema`). `validate` and `normalise` of legacy kinds take this.
 */
export type Unchecked<T> = T extends readonly (infer Item)[]
  ? readonly Unchecked<Item>[]
  : T extends object
    ? { readonly [K in keyof T]?: Unchecked<T[K]> | undefined }
    : T;

export type SpecOf<S extends TSchema> = DeepReadonly<Static<S>>;

/** One of these strings, as a plain JSON Schema `enum`, so that messages can list the choices. */
export function stringEnum<const Value extends string>(
  values: readonly Value[],
  options: { readonly description?: string; readonly default?: Value } = {},
): TUnsafe<Value> {
  return Type.Unsafe<Value>({ type: "string", enum: [...values], ...options });
}

/** A map of strings, such as tags or labels. */
export function stringMap(description: string) {
  return Type.Record(Type.String(), Type.String(), { description });
}

/**
 * A duration as users write it: `10s`, `1h30m`. Parsing checks the format and normalises the text by the kind's style: `"60s"` for
 * legacy kinds, `"1m0s"` for spec kinds.
 */
export function durationText(description: string) {
  return Type.String({ format: "duration", description });
}

interface PortOptions {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: number;
}

/** A port number; its range is checked by `validatePort` in legacy kinds and by the schema where `min` is given. */
export function portNumber(description: string, options: PortOptions = {}) {
  return Type.Integer({ description, ...options });
}

/** Base64 text; parsing checks that it can be decoded. */
export function base64Text(description: string) {
  return Type.String({ format: "base64", description });
}

/** Legacy selector: matches a tag set when every key is there with an equal value, or `*` for any value. */
export const selectorSchema = Type.Object({
  match: stringMap("Tags that must all be there. The value `*` means any value."),
});
export type Selector = SpecOf<typeof selectorSchema>;

/** Where key material or a certificate comes from: exactly one of the four. */
export const dataSourceSchema = Type.Object(
  {
    secret: Type.Optional(Type.String({ description: "Name of a Secret of the mesh." })),
    file: Type.Optional(Type.String({ description: "Path of a file on the control plane's machine." })),
    inline: Type.Optional(base64Text("The data itself, base64.")),
    inlineString: Type.Optional(Type.String({ description: "The data itself, as text." })),
  },
  { description: "Exactly one of secret, file, inline, inlineString." },
);
export type DataSource = SpecOf<typeof dataSourceSchema>;

export const targetRefKinds = [
  "Mesh",
  "MeshSubset",
  "MeshGateway",
  "MeshService",
  "MeshExternalService",
  "MeshMultiZoneService",
  "MeshServiceSubset",
  "MeshHTTPRoute",
  "Dataplane",
] as const;
export type TargetRefKind = (typeof targetRefKinds)[number];

/** Reference to proxies or destinations (reference: resources.md section 6). Which kinds fit where is semantic validation. */
export const targetRefSchema = Type.Object(
  {
    kind: stringEnum(targetRefKinds, { description: "What is referenced." }),
    name: Type.Optional(Type.String({ description: "Name of the referenced resource." })),
    namespace: Type.Optional(Type.String({ description: "Namespace of the referenced resource, on Kubernetes." })),
    mesh: Type.Optional(Type.String({ description: "Reserved." })),
    labels: Type.Optional(stringMap("References every resource with these labels.")),
    tags: Type.Optional(stringMap("Narrows the reference to proxies with these tags.")),
    sectionName: Type.Optional(Type.String({ description: "Names one port, inbound or listener of the referenced resource." })),
    proxyTypes: Type.Optional(
      Type.Array(stringEnum(["Sidecar", "Gateway"]), { description: "Narrows the reference to proxies of these types." }),
    ),
  },
  { description: "Which proxies, or which destinations, are meant." },
);
export type TargetRef = SpecOf<typeof targetRefSchema>;
