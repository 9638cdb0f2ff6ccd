import type protobuf from "protobufjs";
import type { DecodeContext } from "./decode-context.ts";
import { decodeWellKnown } from "./decode-well-known.ts";
import type { EnumDefinition, FieldDefinition, FieldType, MessageDefinition } from "./definitions.ts";
import type { MutableJson } from "./json.ts";
import type { TypeRegistry } from "./registry.ts";
import { defaultOf, readScalar, scalarWireType } from "./scalars.ts";

/**
 * Reads a message as canonical proto3 JSON: camelCase, enum names, 64-bit integers as text, an Any expanded when its type is
 * known. Fields that the definition lacks are skipped: the sender may be newer than our proto tree.
 */
export class MessageReader implements DecodeContext {
  readonly registry: TypeRegistry;

  constructor(registry: TypeRegistry) {
    this.registry = registry;
  }

  message(reader: protobuf.Reader, end: number, definition: MessageDefinition): MutableJson {
    const json: MutableJson = {};
    while (reader.pos < end) {
      const tag = reader.uint32();
      const field = definition.byId.get(tag >>> 3);
      if (field) this.#field(reader, json, field, tag & 7);
      else reader.skipType(tag & 7);
    }
    return json;
  }

  /** A length-delimited value of a message type. */
  nested(reader: protobuf.Reader, type: FieldType): unknown {
    const end = reader.uint32() + reader.pos;
    if (end > reader.len) throw new RangeError("truncated message");
    if (type.kind === "message") return this.message(reader, end, type.definition);
    if (type.kind === "wellKnown") return decodeWellKnown(this, reader, end, type.name);
    throw new TypeError(`${type.kind} is no message`);
  }

  #field(reader: protobuf.Reader, json: MutableJson, field: FieldDefinition, wireType: number): void {
    const type = field.type();
    if (field.shape === "map") {
      const map = present(json, field.name, () => ({})) as MutableJson;
      this.#mapEntry(reader, map, field, type);
    } else if (field.shape === "repeated") {
      const list = present(json, field.name, () => []) as unknown[];
      const packed = wireType === 2 && (type.kind === "enum" || (type.kind === "scalar" && scalarWireType(type.scalar) !== 2));
      if (!packed) list.push(this.#value(reader, type));
      else for (const end = reader.uint32() + reader.pos; reader.pos < end; ) list.push(this.#value(reader, type));
    } else {
      json[field.name] = this.#value(reader, type);
    }
  }

  #mapEntry(reader: protobuf.Reader, map: MutableJson, field: FieldDefinition, type: FieldType): void {
    const end = reader.uint32() + reader.pos;
    let key = String(defaultOf(field.keyType ?? "string"));
    let value: unknown;
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag >>> 3 === 1) key = String(readScalar(reader, field.keyType ?? "string"));
      else if (tag >>> 3 === 2) value = this.#value(reader, type);
      else reader.skipType(tag & 7);
    }
    // defineProperty: `__proto__` is a legal map key and must not set the prototype.
    Object.defineProperty(map, key, {
      value: value ?? emptyValue(type),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }

  #value(reader: protobuf.Reader, type: FieldType): unknown {
    if (type.kind === "scalar") return readScalar(reader, type.scalar);
    if (type.kind === "enum") return enumName(type.definition, reader.int32());
    return this.nested(reader, type);
  }
}

/** The value under `name`, made first when there is none: elements and entries arrive one by one. */
function present(json: MutableJson, name: string, empty: () => unknown): unknown {
  const value = json[name] ?? empty();
  json[name] = value;
  return value;
}

function enumName(definition: EnumDefinition, number: number): string | number {
  return definition.nameOf.get(number) ?? number;
}

function emptyValue(type: FieldType): unknown {
  if (type.kind === "scalar") return defaultOf(type.scalar);
  return type.kind === "enum" ? enumName(type.definition, 0) : {};
}
