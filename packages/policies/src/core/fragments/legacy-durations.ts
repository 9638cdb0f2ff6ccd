import { at, parseDuration } from "@meridian/model";

/** Exactly 0. A negative duration is not: the peer takes it, and `negativeDurationWarnings` tells its writer. */
export function isZeroDuration(text: string): boolean {
  return parseDuration(text) === 0;
}

/** The part of JSON Schema that says where durations stand. */
interface DurationSchema {
  readonly format?: string;
  readonly properties?: Readonly<Record<string, DurationSchema>>;
  readonly items?: DurationSchema;
}

/** One warning for each negative duration of a legacy spec: the peer stores it, and then Envoy refuses the whole config. */
export function negativeDurationWarnings(schema: object, spec: unknown): readonly string[] {
  return negativeDurations(schema as DurationSchema, spec, "").map((path) => `${path} is negative: Envoy takes no such duration`);
}

function negativeDurations(schema: DurationSchema, value: unknown, path: string): readonly string[] {
  if (typeof value === "string") {
    return schema.format === "duration" && (parseDuration(value) ?? 0) < 0 ? [path] : [];
  }
  const { items, properties = {} } = schema;
  if (Array.isArray(value)) {
    return items ? value.flatMap((item, index) => negativeDurations(items, item, at(path, index))) : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const field = Object.hasOwn(properties, key) ? properties[key] : undefined;
    return field ? negativeDurations(field, member, path === "" ? key : `${path}.${key}`) : [];
  });
}
