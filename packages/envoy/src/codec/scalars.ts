import type protobuf from "protobufjs";
import type { Scalar } from "./definitions.ts";
import type { EncodeContext } from "./encode-context.ts";

/** Wire type of each scalar in the protobuf encoding: 0 varint, 1 64 bit, 2 length-delimited, 5 32 bit. */
const wireTypes: Readonly<Record<Scalar, number>> = {
  double: 1,
  float: 5,
  int32: 0,
  int64: 0,
  uint32: 0,
  uint64: 0,
  sint32: 0,
  sint64: 0,
  fixed32: 5,
  fixed64: 1,
  sfixed32: 5,
  sfixed64: 1,
  bool: 0,
  string: 2,
  bytes: 2,
};

export function scalarWireType(scalar: Scalar): number {
  return wireTypes[scalar];
}

/** Whether `value` is the zero value that proto3 leaves out. */
export function isScalarDefault(scalar: Scalar, value: unknown): boolean {
  if (scalar === "bool") return value === false;
  if (scalar === "string") return value === "";
  if (scalar === "bytes") return value === "" || (value instanceof Uint8Array && value.length === 0);
  // -0 is a value of its own for floats.
  return Object.is(value, 0) || value === 0n || value === "0";
}

/** Writes the value without a tag. */
export function writeScalar(context: EncodeContext, writer: protobuf.Writer, scalar: Scalar, value: unknown): void {
  switch (scalar) {
    case "string":
      if (typeof value !== "string") context.fail("must be a string");
      writer.string(value);
      return;
    case "bool":
      if (typeof value !== "boolean") context.fail("must be true or false");
      writer.bool(value);
      return;
    case "bytes":
      writer.bytes(bytesOf(context, value));
      return;
    case "double":
    case "float":
      writer[scalar](floatOf(context, value));
      return;
    case "int32":
    case "sint32":
    case "sfixed32":
      writer[scalar](integerOf(context, value, -(2 ** 31), 2 ** 31 - 1));
      return;
    case "uint32":
    case "fixed32":
      writer[scalar](integerOf(context, value, 0, 2 ** 32 - 1));
      return;
    case "int64":
    case "sint64":
    case "sfixed64":
      writer[scalar](longOf(context, value, -(2n ** 63n), 2n ** 63n - 1n));
      return;
    case "uint64":
    case "fixed64":
      writer[scalar](longOf(context, value, 0n, 2n ** 64n - 1n));
  }
}

/** A map's key comes as the text of a JSON key. */
export function mapKey(scalar: Scalar, key: string): unknown {
  return scalar === "bool" && (key === "true" || key === "false") ? key === "true" : key;
}

function integerOf(context: EncodeContext, value: unknown, minimum: number, maximum: number): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < minimum || number > maximum) {
    context.fail(`must be an integer from ${minimum} to ${maximum}`);
  }
  return number;
}

/** protobufjs takes 64-bit numbers beyond 2^53 as low and high halves (its `LongBits`). */
function longOf(context: EncodeContext, value: unknown, minimum: bigint, maximum: bigint): protobuf.Long | number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= Number(minimum)) return value;
  const isText = typeof value === "string" && /^-?\d{1,20}$/.test(value);
  const number = typeof value === "bigint" ? value : isText ? BigInt(value) : undefined;
  if (number === undefined || number < minimum || number > maximum) {
    context.fail(`must be an integer from ${minimum} to ${maximum}`);
  }
  const bits = BigInt.asUintN(64, number);
  return { low: Number(bits & 0xffffffffn) | 0, high: Number(bits >> 32n) | 0, unsigned: minimum === 0n };
}

function floatOf(context: EncodeContext, value: unknown): number {
  if (typeof value === "number") return value;
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  return context.fail("must be a number");
}

function bytesOf(context: EncodeContext, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "string" || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) context.fail("must be bytes or base64 text");
  return Buffer.from(value, "base64");
}

/** Reads a value as canonical JSON has it: 64-bit integers as text, bytes as base64, NaN and infinities as text. */
export function readScalar(reader: protobuf.Reader, scalar: Scalar): string | number | boolean {
  switch (scalar) {
    case "bytes":
      return Buffer.from(reader.bytes()).toString("base64");
    case "double":
    case "float": {
      const value = scalar === "double" ? reader.double() : reader.float();
      return Number.isFinite(value) ? value : String(value);
    }
    case "int64":
    case "sint64":
    case "sfixed64":
      return longText(reader[scalar](), true);
    case "uint64":
    case "fixed64":
      return longText(reader[scalar](), false);
    default:
      return reader[scalar]();
  }
}

function longText(value: protobuf.Long | number, signed: boolean): string {
  if (typeof value === "number") return String(value);
  const bits = (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
  return (signed ? BigInt.asIntN(64, bits) : bits).toString();
}

export function defaultOf(scalar: Scalar): string | number | boolean {
  if (scalar === "string" || scalar === "bytes") return "";
  if (scalar === "bool") return false;
  return scalar.endsWith("64") ? "0" : 0;
}
