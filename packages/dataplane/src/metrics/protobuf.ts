/** The little of protobuf that a message needs which is only ever written (https://protobuf.dev/programming-guides/encoding). */
export type Field = Buffer;

/** Zero and empty values are left out, as proto3 wants it, unless `always`. */
export function doubleField(id: number, value: number, always = false): Field {
  if (value === 0 && !always) return nothing;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([tag(id, 1), bytes]);
}

/** `fixed64`. @param value a non-negative integer; what a double cannot hold exactly comes as a bigint. */
export function fixedField(id: number, value: number | bigint): Field {
  const bytes = fixedBytes(value);
  return bytes.every((byte) => byte === 0) ? nothing : Buffer.concat([tag(id, 1), bytes]);
}

export function enumField(id: number, value: number): Field {
  return Buffer.concat([tag(id, 0), varint(value)]);
}

export function textField(id: number, text: string): Field {
  return text === "" ? nothing : bytesField(id, Buffer.from(text));
}

export function messageField(id: number, ...fields: readonly Field[]): Field {
  return bytesField(id, Buffer.concat(fields));
}

export function repeatedDoubles(id: number, values: readonly number[]): Field {
  if (values.length === 0) return nothing;
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeDoubleLE(value, index * 8);
  return bytesField(id, bytes);
}

export function repeatedFixed(id: number, values: readonly number[]): Field {
  return values.length === 0 ? nothing : bytesField(id, Buffer.concat(values.map(fixedBytes)));
}

const nothing = Buffer.alloc(0);

function bytesField(id: number, bytes: Buffer): Field {
  return Buffer.concat([tag(id, 2), varint(bytes.length), bytes]);
}

function fixedBytes(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(typeof value === "bigint" ? value : Math.max(0, Math.round(value))));
  return bytes;
}

function tag(id: number, wireType: number): Buffer {
  return varint(id * 8 + wireType);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
