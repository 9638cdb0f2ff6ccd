import protobuf from "protobufjs";
import type { EnumDefinition, FieldDefinition, FieldType, MessageDefinition, Scalar } from "./definitions.ts";
import { scalarTypes, wellKnownOf } from "./definitions.ts";
import { UnknownTypeError } from "./errors.ts";
import { ProtoTree, shippedProtoRoots } from "./proto-tree.ts";
import { newerFields } from "./supplement.ts";

type Declared =
  | { readonly kind: "message"; readonly definition: MessageDefinition }
  | { readonly kind: "enum"; readonly definition: EnumDefinition };

const scalars: ReadonlySet<string> = new Set(scalarTypes);
/**
 * Compact definitions of message types, made on first use. A .proto file is parsed (by protobufjs) when a type in it is first
 * reached, its definitions are kept, and the parser's tree is dropped: Envoy's whole API would take over 100 MB.
 */
export class TypeRegistry {
  readonly #tree: ProtoTree;
  readonly #declared = new Map<string, Declared>();
  readonly #parsedFiles = new Set<string>();

  constructor(tree: ProtoTree) {
    this.#tree = tree;
  }

  /** @throws UnknownTypeError */
  message(fullName: string): MessageDefinition {
    const definition = this.findMessage(fullName);
    if (!definition) throw new UnknownTypeError(fullName);
    return definition;
  }

  findMessage(fullName: string): MessageDefinition | undefined {
    const declared = this.#find(fullName);
    return declared?.kind === "message" ? declared.definition : undefined;
  }

  #find(fullName: string): Declared | undefined {
    const known = this.#declared.get(fullName);
    if (known) return known;
    const parts = fullName.split(".");
    // The first part with a capital is the top-level type; what stands before it is the package.
    const typeAt = parts.findIndex((part) => /^[A-Z]/.test(part));
    const topLevel = parts[typeAt];
    if (topLevel === undefined) return undefined;
    const source = this.#tree.find(parts.slice(0, typeAt).join("."), topLevel);
    if (!source || this.#parsedFiles.has(source.id)) return undefined;
    this.#parsedFiles.add(source.id);
    const { root } = protobuf.parse(source.read(), new protobuf.Root(), { keepCase: true });
    this.#collect(root);
    return this.#declared.get(fullName);
  }

  #collect(namespace: protobuf.NamespaceBase): void {
    for (const member of namespace.nestedArray) {
      const fullName = member.fullName.slice(1);
      if (member instanceof protobuf.Enum) {
        this.#declared.set(fullName, { kind: "enum", definition: enumDefinition(fullName, member) });
      } else if (member instanceof protobuf.Type) {
        this.#declared.set(fullName, { kind: "message", definition: this.#messageDefinition(fullName, member) });
        this.#collect(member);
      } else if (member instanceof protobuf.Namespace) {
        this.#collect(member);
      }
    }
  }

  #messageDefinition(fullName: string, type: protobuf.Type): MessageDefinition {
    const byName = new Map<string, FieldDefinition>();
    const byId = new Map<number, FieldDefinition>();
    const newer = (newerFields[fullName] ?? []).map(
      ({ name, id, type: typeName, rule }) => new protobuf.Field(name, id, typeName, rule),
    );
    for (const field of [...type.fieldsArray, ...newer]) {
      const definition = this.#fieldDefinition(fullName, field);
      byName.set(definition.name, definition);
      byName.set(definition.protoName, definition);
      byId.set(definition.id, definition);
    }
    return { fullName, byName, byId };
  }

  #fieldDefinition(scope: string, field: protobuf.Field): FieldDefinition {
    const typeName = field.type;
    let resolved: FieldType | undefined;
    const jsonName: unknown = field.options?.["json_name"];
    // A proto3 `optional` is a oneof of one member to protobufjs; only a real oneof excludes others.
    const optional = Boolean(field.options?.["proto3_optional"]);
    return {
      name: typeof jsonName === "string" ? jsonName : camelCase(field.name),
      protoName: field.name,
      id: field.id,
      shape: field instanceof protobuf.MapField ? "map" : field.repeated ? "repeated" : "single",
      keyType: field instanceof protobuf.MapField ? (field.keyType as Scalar) : undefined,
      explicitPresence: optional || Boolean(field.partOf),
      oneof: optional ? undefined : field.partOf?.name,
      type: () => (resolved ??= this.#resolve(scope, typeName)),
    };
  }

  /** Finds what `name` means inside message `scope`: the innermost scope wins (protobuf language spec, name resolution). */
  #resolve(scope: string, name: string): FieldType {
    if (scalars.has(name)) return { kind: "scalar", scalar: name as Scalar };
    for (const candidate of candidates(scope, name)) {
      const wellKnown = wellKnownOf(candidate);
      if (wellKnown) return { kind: "wellKnown", name: wellKnown };
      const declared = this.#find(candidate);
      if (declared) return declared;
    }
    throw new UnknownTypeError(`${name} (used by ${scope})`);
  }
}

function* candidates(scope: string, name: string): Generator<string> {
  if (name.startsWith(".")) {
    yield name.slice(1);
    return;
  }
  for (let prefix = scope; prefix !== ""; prefix = prefix.includes(".") ? prefix.slice(0, prefix.lastIndexOf(".")) : "") {
    yield `${prefix}.${name}`;
  }
  yield name;
}

function enumDefinition(name: string, source: protobuf.Enum): EnumDefinition {
  const numberOf = new Map(Object.entries(source.values));
  const nameOf = new Map<number, string>();
  // Of several names for one number the first declared is canonical.
  for (const [valueName, number] of numberOf) if (!nameOf.has(number)) nameOf.set(number, valueName);
  return { name, numberOf, nameOf };
}

/** The proto3 JSON name: `http2_protocol_options` → `http2ProtocolOptions`. */
function camelCase(name: string): string {
  return name.replace(/_+([a-zA-Z0-9]?)/g, (_, next: string) => next.toUpperCase());
}

let shared: TypeRegistry | undefined;

/** The registry of the shipped tree, one a process. */
export function typeRegistry(): TypeRegistry {
  shared ??= new TypeRegistry(new ProtoTree(shippedProtoRoots()));
  return shared;
}
