import { createHash } from "node:crypto";
import type { Labels, ResourceInput } from "@meridian/model";
import { canonicalJson, parseKeyText } from "@meridian/model";
import { ShapeError } from "../protocol/shapes.ts";
import type { Digest } from "./digest.ts";

/** One resource as it travels: encoded once, and the same bytes for every zone that gets it. */
export interface Entry {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, cut to 128 bits. The bytes hold key and content. */
  readonly hash: Digest;
}

/** @param creationTime RFC 3339; absent: the receiver's own. Of two source/destination policies that fit alike, it decides. */
export function encodeEntry(resource: ResourceInput, creationTime?: string): Entry {
  const { kind, mesh, name, labels, spec, status } = resource;
  const bytes = Buffer.from(canonicalJson({ kind, mesh, name, labels, spec, status, creationTime }));
  return { bytes, hash: hashEntry(bytes) };
}

export interface DecodedEntry {
  readonly resource: ResourceInput;
  /** RFC 3339 */
  readonly creationTime?: string;
}

export function hashEntry(bytes: Uint8Array): Digest {
  const sum = createHash("sha256").update(bytes).digest();
  return (sum.readBigUInt64BE(0) << 64n) | sum.readBigUInt64BE(8);
}

/** @throws ShapeError when the bytes are not a resource. The spec is not looked at: that is the receiver's admission. */
export function decodeEntry(bytes: Uint8Array): DecodedEntry {
  const value = parseObject(bytes);
  const { kind, mesh, name, labels, spec, status, creationTime } = value;
  if (!isName(kind) || !isName(name) || typeof mesh !== "string" || mesh.includes("/")) {
    throw new ShapeError("entry: kind, mesh and name must be text without a slash");
  }
  if (!isLabels(labels)) throw new ShapeError(`entry ${kind}/${mesh}/${name}: labels must map text to text`);
  if (creationTime !== undefined && !isTime(creationTime)) {
    throw new ShapeError(`entry ${kind}/${mesh}/${name}: its creation time is not one`);
  }
  return {
    resource: { kind, mesh, name, labels, spec: spec ?? null, ...(status !== undefined && { status }) },
    ...(creationTime !== undefined && { creationTime }),
  };
}

export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (error) {
    throw new ShapeError("entry: not JSON", { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ShapeError("entry: not an object");
  return value as Readonly<Record<string, unknown>>;
}

/** @throws ShapeError when the text names no resource. */
export function checkKeyText(keyText: string): ReturnType<typeof parseKeyText> {
  try {
    return parseKeyText(keyText);
  } catch (error) {
    throw new ShapeError(`entry: ${JSON.stringify(keyText.slice(0, 80))} is not a resource key`, { cause: error });
  }
}

export function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !value.includes("/");
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && value.length <= 64 && !Number.isNaN(Date.parse(value));
}

function isLabels(value: unknown): value is Labels {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((label) => typeof label === "string")
  );
}
