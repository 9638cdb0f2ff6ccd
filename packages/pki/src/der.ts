/**
 * The few shapes of ASN.1 DER (ITU-T X.690) that a certificate needs. Written by hand because leaf certificates are made by the
 * thousand: @peculiar/x509 takes about 2.5 ms for one, this about 0.1 ms. The tests read every shape with @peculiar/x509 and
 * openssl.
 */

export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(size: number): readonly number[] {
  if (size < 0x80) return [size];
  if (size < 0x100) return [0x81, size];
  if (size < 0x10000) return [0x82, size >> 8, size & 0xff];
  return [0x83, size >> 16, (size >> 8) & 0xff, size & 0xff];
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return element(0x30, ...parts);
}

export function set(...parts: readonly Uint8Array[]): Buffer {
  return element(0x31, ...parts);
}

/** @param bytes big-endian and positive: the first bit must be 0. */
export function integer(bytes: Uint8Array): Buffer {
  return element(0x02, bytes);
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.from([value ? 0xff : 0]));
}

export const derNull = element(0x05, Buffer.alloc(0));

export function octetString(content: Uint8Array): Buffer {
  return element(0x04, content);
}

export function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text, "utf8"));
}

/** Whole bytes: no unused bits. */
export function bitString(content: Uint8Array): Buffer {
  return element(0x03, Buffer.from([0]), content);
}

/** A BIT STRING of named bits, bit 0 first: trailing zero bits are not encoded (X.690, 11.2.2). */
export function namedBits(bits: readonly number[]): Buffer {
  let value = 0;
  for (const bit of bits) value |= 0x80 >> bit;
  const unused = value === 0 ? 0 : 31 - Math.clz32(value & -value);
  return element(0x03, Buffer.from([unused, value]));
}

/** `[tag] EXPLICIT` */
export function explicit(tag: number, content: Uint8Array): Buffer {
  return element(0xa0 | tag, content);
}

/** `[tag] IMPLICIT` of a primitive type. */
export function implicit(tag: number, content: Uint8Array): Buffer {
  return element(0x80 | tag, content);
}

/** @param dotted `2.5.29.17` */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). Whole seconds. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
  return date.getUTCFullYear() < 2050 ? element(0x17, Buffer.from(digits.slice(2))) : element(0x18, Buffer.from(digits));
}
