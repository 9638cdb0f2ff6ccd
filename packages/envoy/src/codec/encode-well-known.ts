import type protobuf from "protobufjs";
import { type Scalar, type WellKnown, wellKnownOf } from "./definitions.ts";
import type { EncodeContext } from "./encode-context.ts";
import { isObject } from "./json.ts";
import { isScalarDefault, scalarWireType, writeScalar } from "./scalars.ts";
import { parseDuration, parseTimestamp, type SecondsAndNanos } from "./time.ts";

export const wrapperScalars: Readonly<Partial<Record<WellKnown, Scalar>>> = {
  DoubleValue: "double",
  FloatValue: "float",
  Int64Value: "int64",
  UInt64Value: "uint64",
  Int32Value: "int32",
  UInt32Value: "uint32",
  BoolValue: "bool",
  StringValue: "string",
  BytesValue: "bytes",
};

/** Writes the fields of a `google.protobuf` message from its special JSON form. */
export function encodeWellKnown(context: EncodeContext, writer: protobuf.Writer, name: WellKnown, json: unknown): void {
  const scalar = wrapperScalars[name];
  if (scalar !== undefined) {
    if (isScalarDefault(scalar, json)) return;
    writer.uint32((1 << 3) | scalarWireType(scalar));
    writeScalar(context, writer, scalar, json);
    return;
  }
  switch (name) {
    case "Any":
      encodeAny(context, writer, json);
      break;
    case "Duration":
      encodeTime(writer, typeof json === "string" ? parseDuration(json) : undefined, () =>
        context.fail(`must be a duration in seconds like "5s" or "0.25s", not ${JSON.stringify(json)}`),
      );
      break;
    case "Timestamp":
      encodeTime(writer, typeof json === "string" ? parseTimestamp(json) : undefined, () =>
        context.fail("must be a time like 2024-01-31T12:00:00Z"),
      );
      break;
    case "FieldMask":
      encodeFieldMask(context, writer, json);
      break;
    case "Struct":
      encodeStruct(context, writer, json);
      break;
    case "Value":
      encodeValue(context, writer, json);
      break;
    case "ListValue":
      encodeList(context, writer, json);
      break;
    default:
      if (!isObject(json) || Object.keys(json).length > 0) context.fail("must be {}");
  }
}

function encodeAny(context: EncodeContext, writer: protobuf.Writer, json: unknown): void {
  if (!isObject(json)) context.fail('must be an object with "@type"');
  const typeUrl = json["@type"];
  if (typeof typeUrl !== "string") {
    if (Object.keys(json).length === 0) return; // An empty Any is legal.
    context.fail('lacks "@type" (google.protobuf.Any)');
  }
  writer.uint32((1 << 3) | 2).string(typeUrl);
  const typeName = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
  const wellKnown = wellKnownOf(typeName);
  const definition = wellKnown ? undefined : context.registry.findMessage(typeName);
  writer.uint32((2 << 3) | 2);
  if (!wellKnown && !definition) {
    writer.bytes(opaqueBytes(context, json, typeName));
    return;
  }
  writer.fork();
  if (definition) context.message(writer, definition, json, "@type");
  else if (wellKnown) encodeWellKnown(context, writer, wellKnown, wellKnown === "Empty" ? {} : json["value"]);
  writer.ldelim();
}

/** `decode` shows an Any of a type that the tree lacks as its bytes; they go back as they are. */
function opaqueBytes(context: EncodeContext, json: Readonly<Record<string, unknown>>, typeName: string): Uint8Array {
  const value = json["value"];
  if (Object.keys(json).length === 2 && value instanceof Uint8Array) return value;
  if (Object.keys(json).length === 2 && typeof value === "string") return Buffer.from(value, "base64");
  return context.fail(`unknown type ${JSON.stringify(typeName)}`);
}

function encodeTime(writer: protobuf.Writer, time: SecondsAndNanos | undefined, refuse: () => never): void {
  const { seconds, nanos } = time ?? refuse();
  if (seconds !== 0) writer.uint32(1 << 3).int64(seconds);
  if (nanos !== 0) writer.uint32(2 << 3).int32(nanos);
}

function encodeFieldMask(context: EncodeContext, writer: protobuf.Writer, json: unknown): void {
  if (typeof json !== "string") context.fail("must be field paths joined by commas");
  for (const path of json.split(",").filter((part) => part !== "")) {
    writer.uint32((1 << 3) | 2).string(path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  }
}

function encodeStruct(context: EncodeContext, writer: protobuf.Writer, json: unknown): void {
  if (!isObject(json)) context.fail("must be an object");
  for (const key of Object.keys(json).sort()) {
    if (json[key] === undefined) continue;
    writer.uint32((1 << 3) | 2).fork();
    writer.uint32((1 << 3) | 2).string(key);
    writer.uint32((2 << 3) | 2).fork();
    context.at(key, () => encodeValue(context, writer, json[key]));
    writer.ldelim().ldelim();
  }
}

function encodeList(context: EncodeContext, writer: protobuf.Writer, json: unknown): void {
  if (!Array.isArray(json)) context.fail("must be a list");
  for (const [index, element] of json.entries()) {
    writer.uint32((1 << 3) | 2).fork();
    context.at(index, () => encodeValue(context, writer, element));
    writer.ldelim();
  }
}

/** The members of google.protobuf.Value: null 1, number 2, string 3, bool 4, struct 5, list 6. */
function encodeValue(context: EncodeContext, writer: protobuf.Writer, json: unknown): void {
  if (json === null) writer.uint32(1 << 3).int32(0);
  else if (typeof json === "number") writer.uint32((2 << 3) | 1).double(json);
  else if (typeof json === "string") writer.uint32((3 << 3) | 2).string(json);
  else if (typeof json === "boolean") writer.uint32(4 << 3).bool(json);
  else if (Array.isArray(json)) {
    writer.uint32((6 << 3) | 2).fork();
    encodeList(context, writer, json);
    writer.ldelim();
  } else {
    writer.uint32((5 << 3) | 2).fork();
    encodeStruct(context, writer, json);
    writer.ldelim();
  }
}
