import protobuf from "protobufjs";
import type { DecodeContext } from "./decode-context.ts";
import { type WellKnown, wellKnownOf } from "./definitions.ts";
import { wrapperScalars } from "./encode-well-known.ts";
import type { MutableJson } from "./json.ts";
import { defaultOf, readScalar } from "./scalars.ts";
import { formatDuration, formatTimestamp, type SecondsAndNanos } from "./time.ts";

/** Reads the fields of a `google.protobuf` message up to `end` into its special JSON form. */
export function decodeWellKnown(context: DecodeContext, reader: protobuf.Reader, end: number, name: WellKnown): unknown {
  const scalar = wrapperScalars[name];
  if (scalar !== undefined) {
    let value = defaultOf(scalar);
    eachField(reader, end, () => {
      value = readScalar(reader, scalar);
    });
    return value;
  }
  switch (name) {
    case "Any":
      return decodeAny(context, reader, end);
    case "Duration":
      return formatDuration(decodeTime(reader, end));
    case "Timestamp":
      return formatTimestamp(decodeTime(reader, end));
    case "FieldMask":
      return decodeFieldMask(reader, end);
    case "Struct":
      return decodeStruct(reader, end);
    case "Value":
      return decodeValue(reader, end);
    case "ListValue":
      return decodeList(reader, end);
    default:
      reader.pos = end;
      return {};
  }
}

function eachField(reader: protobuf.Reader, end: number, read: (id: number, tag: number) => void): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    read(tag >>> 3, tag);
  }
}

function decodeAny(context: DecodeContext, reader: protobuf.Reader, end: number): MutableJson {
  let typeUrl = "";
  let bytes: Uint8Array = new Uint8Array();
  eachField(reader, end, (id, tag) => {
    if (id === 1) typeUrl = reader.string();
    else if (id === 2) bytes = reader.bytes();
    else reader.skipType(tag & 7);
  });
  if (typeUrl === "") return {};
  const typeName = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
  const inner = protobuf.Reader.create(bytes);
  const wellKnown = wellKnownOf(typeName);
  if (wellKnown === "Empty") return { "@type": typeUrl };
  if (wellKnown) return { "@type": typeUrl, value: decodeWellKnown(context, inner, inner.len, wellKnown) };
  const definition = context.registry.findMessage(typeName);
  if (!definition) return { "@type": typeUrl, value: Buffer.from(bytes).toString("base64") };
  return { "@type": typeUrl, ...context.message(inner, inner.len, definition) };
}

function decodeTime(reader: protobuf.Reader, end: number): SecondsAndNanos {
  let seconds = 0;
  let nanos = 0;
  eachField(reader, end, (id, tag) => {
    if (id === 1) seconds = Number(readScalar(reader, "int64"));
    else if (id === 2) nanos = reader.int32();
    else reader.skipType(tag & 7);
  });
  return { seconds, nanos };
}

function decodeFieldMask(reader: protobuf.Reader, end: number): string {
  const paths: string[] = [];
  eachField(reader, end, () => {
    paths.push(reader.string().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  });
  return paths.join(",");
}

/** Reads google.protobuf.Struct as a plain object. */
export function decodeStruct(reader: protobuf.Reader, end: number): MutableJson {
  const json: MutableJson = {};
  eachField(reader, end, (id, tag) => {
    if (id !== 1) {
      reader.skipType(tag & 7);
      return;
    }
    const entryEnd = reader.uint32() + reader.pos;
    let key = "";
    let value: unknown = null;
    eachField(reader, entryEnd, (entryId, entryTag) => {
      if (entryId === 1) key = reader.string();
      else if (entryId === 2) value = decodeValue(reader, reader.uint32() + reader.pos);
      else reader.skipType(entryTag & 7);
    });
    // A key may be `__proto__`: it comes from the node metadata of whoever connects.
    Object.defineProperty(json, key, { value, enumerable: true, configurable: true, writable: true });
  });
  return json;
}

function decodeList(reader: protobuf.Reader, end: number): unknown[] {
  const list: unknown[] = [];
  eachField(reader, end, (id, tag) => {
    if (id === 1) list.push(decodeValue(reader, reader.uint32() + reader.pos));
    else reader.skipType(tag & 7);
  });
  return list;
}

function decodeValue(reader: protobuf.Reader, end: number): unknown {
  let value: unknown = null;
  eachField(reader, end, (id, tag) => {
    if (id === 1) {
      reader.int32();
      value = null;
    } else if (id === 2) value = reader.double();
    else if (id === 3) value = reader.string();
    else if (id === 4) value = reader.bool();
    else if (id === 5) value = decodeStruct(reader, reader.uint32() + reader.pos);
    else if (id === 6) value = decodeList(reader, reader.uint32() + reader.pos);
    else reader.skipType(tag & 7);
  });
  return value;
}
