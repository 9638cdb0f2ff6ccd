import type { ResourceInput, ResourceKey } from "@meridian/model";
import { keyText } from "@meridian/model";

/**
 * What every driver keeps of an input: plain JSON, so that memory, lmdb and Postgres hand out the same value (no `undefined`, no
 * class instances), cut off from the caller's object. Labels come out in code-unit order of their names.
 * @throws RangeError for a key or label that no database can hold; admission rejects those, so this would be our bug.
 */
export function storableInput(input: ResourceInput): ResourceInput {
  assertStorableKey(input);
  const labels: Record<string, string> = {};
  for (const name of Object.keys(input.labels).sort()) {
    const value = input.labels[name];
    if (value === undefined) continue;
    if (isUnstorable(name) || isUnstorable(value))
      throw new RangeError(`label of ${keyText(input)} holds characters that cannot be stored`);
    labels[name] = value;
  }
  const { kind, mesh, name } = input;
  // A status of null says nothing, and SQL could not tell it from no status.
  const status = input.status === undefined || input.status === null ? {} : { status: plainJson(input.status) };
  return { kind, mesh, name, labels, spec: plainJson(input.spec), ...status };
}

/** A copy with only what JSON can say. `undefined` becomes null: a spec is always there. */
export function plainJson(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? null : JSON.parse(text);
}

/** Names one resource inside a process. NUL cannot occur in a part, so two keys never share an id. */
export function keyId(key: ResourceKey): string {
  return `${key.kind}\0${key.mesh}\0${key.name}`;
}

export function keyOf(key: ResourceKey): ResourceKey {
  return { kind: key.kind, mesh: key.mesh, name: key.name };
}

export function assertStorableKey(key: ResourceKey): void {
  if (key.kind === "" || key.name === "") throw new RangeError(`a resource key needs a kind and a name: ${keyText(key)}`);
  for (const part of [key.kind, key.mesh, key.name]) {
    if (isUnstorable(part))
      throw new RangeError(`resource key ${JSON.stringify(keyText(key))} holds characters that cannot be stored`);
    if (isTooLong(part)) throw new RangeError(`resource key ${keyText(key)} has a part of more than ${maxKeyPartBytes} bytes`);
  }
}

/** Whether a filter or key asks for text that cannot have been stored: such a read finds nothing. */
export function isUnstorableQuery(texts: readonly (string | undefined)[]): boolean {
  return texts.some((text) => text !== undefined && (isUnstorable(text) || isTooLong(text)));
}

/** Kuma's names have at most 253. The three parts must fit into a key of lmdb (1,978 bytes) and an index of Postgres (2,704). */
const maxKeyPartBytes = 600;

function isTooLong(text: string): boolean {
  return text.length > maxKeyPartBytes / 3 && Buffer.byteLength(text) > maxKeyPartBytes;
}

/** Postgres `text` holds no NUL, and UTF-8 no lone surrogate. */
function isUnstorable(text: string): boolean {
  return text.includes("\0") || /\p{Surrogate}/u.test(text);
}

/** Equal labels, spec and status: then a put writes nothing. */
export function equalContent(a: ResourceInput, b: ResourceInput): boolean {
  return equalJson(a.labels, b.labels) && equalJson(a.spec, b.spec) && equalJson(a.status, b.status);
}

/** Deep equality of plain JSON; the order of an object's fields does not count. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && equalJson(left[name], right[name]));
}
