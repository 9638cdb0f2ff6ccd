/**
 * Strict reading of decoded frames: a shape turns an unknown value into a typed one or throws, naming the field. Fields that a
 * shape does not know are dropped, so that a newer peer of the same protocol version may send more.
 */
export type Shape<T> = (value: unknown, path: string) => T;

/** The type that a shape reads. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

/** The peer sent something that is not a frame of this protocol. The connection ends; nothing of it was taken. */
export class ShapeError extends Error {}

function fail(path: string, expected: string): never {
  throw new ShapeError(`${path}: expected ${expected}`);
}

/** @param maxLength in UTF-16 code units. */
export function text(maxLength: number): Shape<string> {
  return (value, path) => {
    if (typeof value !== "string" || value.length > maxLength) fail(path, `text of at most ${maxLength} characters`);
    return value;
  };
}

export const count: Shape<number> = (value, path) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) fail(path, "a whole number >= 0");
  return value;
};

export const flag: Shape<boolean> = (value, path) => {
  if (typeof value !== "boolean") fail(path, "true or false");
  return value;
};

export const bytes: Shape<Uint8Array> = (value, path) => {
  if (!(value instanceof Uint8Array)) fail(path, "bytes");
  return value;
};

export function list<T>(item: Shape<T>, maxItems: number): Shape<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > maxItems) fail(path, `a list of at most ${maxItems}`);
    return value.map((element, index) => item(element, `${path}[${index}]`));
  };
}

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return (value, path) => values.find((allowed) => allowed === value) ?? fail(path, `one of ${values.join(", ")}`);
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, path) => (value === undefined || value === null ? undefined : shape(value, path));
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Read<F extends Fields> = { readonly [K in keyof F as undefined extends Shaped<F[K]> ? never : K]: Shaped<F[K]> } & {
  readonly [K in keyof F as undefined extends Shaped<F[K]> ? K : never]?: Exclude<Shaped<F[K]>, undefined>;
};

export function object<F extends Fields>(fields: F): Shape<Read<F>> {
  const entries = Object.entries(fields);
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "an object");
    const read: Record<string, unknown> = {};
    for (const [name, shape] of entries) {
      const field = shape(Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined, `${path}.${name}`);
      if (field !== undefined) read[name] = field;
    }
    return read as Read<F>;
  };
}
