import type protobuf from "protobufjs";
import type { FieldDefinition, FieldType, MessageDefinition } from "./definitions.ts";
import type { EncodeContext } from "./encode-context.ts";
import { encodeWellKnown } from "./encode-well-known.ts";
import { EncodeError } from "./errors.ts";
import { isObject } from "./json.ts";
import type { TypeRegistry } from "./registry.ts";
import { isScalarDefault, mapKey, scalarWireType, writeScalar } from "./scalars.ts";

/** Wire types of the protobuf encoding. */
const lengthDelimited = 2;
const varint = 0;

/**
 * Writes one proto3 JSON value as protobuf. Same value, same bytes: fields go out by number and map entries by key, whatever
 * order the object's keys have. Nothing is dropped: an unknown field, enum name or type is an `EncodeError` with its path.
 */
export class MessageWriter implements EncodeContext {
  readonly registry: TypeRegistry;
  readonly #path: (string | number)[] = [];

  constructor(registry: TypeRegistry) {
    this.registry = registry;
  }

  message(writer: protobuf.Writer, definition: MessageDefinition, json: unknown, ignoredKey?: string): void {
    if (!isObject(json)) this.fail(`must be an object (${definition.fullName})`);
    const fields = this.#presentFields(definition, json, ignoredKey);
    for (let index = 0; index < fields.length; index += 2) {
      const field = fields[index] as FieldDefinition;
      const key = fields[index + 1] as string;
      this.#path.push(key);
      this.#field(writer, field, json[key]);
      this.#path.pop();
    }
  }

  /** A length-delimited message: what follows a tag. */
  nested(writer: protobuf.Writer, type: FieldType, json: unknown): void {
    writer.fork();
    if (type.kind === "message") this.message(writer, type.definition, json);
    else if (type.kind === "wellKnown") encodeWellKnown(this, writer, type.name, json);
    writer.ldelim();
  }

  at<T>(step: string | number, run: () => T): T {
    this.#path.push(step);
    const result = run();
    this.#path.pop();
    return result;
  }

  fail(problem: string): never {
    let path = "";
    for (const step of this.#path) {
      path += typeof step === "number" ? `[${step}]` : path === "" ? step : `.${step}`;
    }
    throw new EncodeError(path, problem);
  }

  /** Pairs of field and key, by field number. One flat array: this is the hot path. */
  #presentFields(definition: MessageDefinition, json: Readonly<Record<string, unknown>>, ignoredKey?: string): unknown[] {
    const pairs: (FieldDefinition | string)[] = [];
    let usedOneofs: Map<string, string> | undefined;
    for (const key in json) {
      if (key === ignoredKey) continue;
      const value = json[key];
      if (value === undefined) continue;
      const field = definition.byName.get(key);
      if (!field) this.fail(`${definition.fullName} has no field ${JSON.stringify(key)}`);
      if (value === null && !acceptsNull(field)) continue;
      if (field.oneof !== undefined) {
        usedOneofs ??= new Map();
        const other = usedOneofs.get(field.oneof);
        if (other !== undefined) this.fail(`only one of ${JSON.stringify(other)} and ${JSON.stringify(key)} may be set`);
        usedOneofs.set(field.oneof, key);
      }
      insertById(pairs, field, key);
    }
    return pairs;
  }

  #field(writer: protobuf.Writer, field: FieldDefinition, value: unknown): void {
    const type = field.type();
    if (field.shape === "map") this.#map(writer, field, type, value);
    else if (field.shape === "repeated") this.#repeated(writer, field, type, value);
    else if (type.kind === "scalar") {
      if (!field.explicitPresence && isScalarDefault(type.scalar, value)) return;
      writer.uint32((field.id << 3) | scalarWireType(type.scalar));
      writeScalar(this, writer, type.scalar, value);
    } else if (type.kind === "enum") {
      const number = this.#enumNumber(type, value);
      if (number !== 0 || field.explicitPresence) writer.uint32((field.id << 3) | varint).int32(number);
    } else {
      writer.uint32((field.id << 3) | lengthDelimited);
      this.nested(writer, type, value);
    }
  }

  #repeated(writer: protobuf.Writer, field: FieldDefinition, type: FieldType, value: unknown): void {
    if (!Array.isArray(value)) this.fail("must be a list");
    if (value.length === 0) return;
    const packed = type.kind === "enum" || (type.kind === "scalar" && scalarWireType(type.scalar) !== lengthDelimited);
    if (packed) writer.uint32((field.id << 3) | lengthDelimited).fork();
    for (let index = 0; index < value.length; index++) {
      this.#path.push(index);
      const element: unknown = value[index];
      if (!packed) writer.uint32((field.id << 3) | lengthDelimited);
      if (type.kind === "scalar") writeScalar(this, writer, type.scalar, element);
      else if (type.kind === "enum") writer.int32(this.#enumNumber(type, element));
      else this.nested(writer, type, element);
      this.#path.pop();
    }
    if (packed) writer.ldelim();
  }

  #map(writer: protobuf.Writer, field: FieldDefinition, type: FieldType, value: unknown): void {
    if (!isObject(value) || field.keyType === undefined) this.fail("must be an object (map)");
    for (const key of Object.keys(value).sort()) {
      if (value[key] === undefined) continue;
      this.#path.push(key);
      writer.uint32((field.id << 3) | lengthDelimited).fork();
      writer.uint32((1 << 3) | scalarWireType(field.keyType));
      writeScalar(this, writer, field.keyType, mapKey(field.keyType, key));
      if (type.kind === "scalar") {
        writer.uint32((2 << 3) | scalarWireType(type.scalar));
        writeScalar(this, writer, type.scalar, value[key]);
      } else if (type.kind === "enum") {
        writer.uint32((2 << 3) | varint).int32(this.#enumNumber(type, value[key]));
      } else {
        writer.uint32((2 << 3) | lengthDelimited);
        this.nested(writer, type, value[key]);
      }
      writer.ldelim();
      this.#path.pop();
    }
  }

  #enumNumber(type: FieldType & { readonly kind: "enum" }, value: unknown): number {
    if (typeof value === "number" && Number.isInteger(value)) return value;
    const number = typeof value === "string" ? type.definition.numberOf.get(value) : undefined;
    if (number === undefined) {
      const names = [...type.definition.numberOf.keys()].join(", ");
      this.fail(`${JSON.stringify(value)} is no ${type.definition.name}; expected one of ${names}`);
    }
    return number;
  }
}

/** `null` is a value of google.protobuf.Value and NullValue; elsewhere it means absent (proto3 JSON mapping). */
function acceptsNull(field: FieldDefinition): boolean {
  if (field.shape !== "single") return false;
  const type = field.type();
  return type.kind === "wellKnown" && type.name === "Value";
}

function insertById(pairs: (FieldDefinition | string)[], field: FieldDefinition, key: string): void {
  let at = pairs.length;
  pairs.push(field, key);
  while (at > 0 && (pairs[at - 2] as FieldDefinition).id > field.id) {
    pairs[at] = pairs[at - 2] as FieldDefinition;
    pairs[at + 1] = pairs[at - 1] as string;
    at -= 2;
  }
  pairs[at] = field;
  pairs[at + 1] = key;
}
