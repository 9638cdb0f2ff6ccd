import { at, canonicalJson, type KindRegistry, type Resource } from "@meridian/model";

/** One field that a change touched; values as short text: `90`, `"v1"`, `{…}`. Absent: the field was not there. */
export interface FieldChange {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

const maxValueLength = 60;

/** Where two versions of a resource differ: labels first, then the spec. `status` is not what people wrote. */
export function changedFields(before: Resource, after: Resource, kinds: KindRegistry): readonly FieldChange[] {
  const definition = kinds.get(after.kind);
  const specPath = definition?.style === "spec" ? "spec" : "";
  const fields = [...differences(before.labels, after.labels, "labels"), ...differences(before.spec, after.spec, specPath)];
  return definition?.category === "secret" ? fields.map(({ path }) => ({ path })) : fields;
}

function* differences(before: unknown, after: unknown, path: string): Generator<FieldChange, void, void> {
  const parts = partsOf(before, after);
  if (parts === undefined) {
    if (before === after || canonicalJson(before) === canonicalJson(after)) return;
    yield {
      path,
      ...(before !== undefined && { before: shortText(before) }),
      ...(after !== undefined && { after: shortText(after) }),
    };
    return;
  }
  for (const [key, left, right] of parts) yield* differences(left, right, pathOf(path, key));
}

/** The parts that two lists or two objects are compared by; undefined: they are compared as a whole. */
function partsOf(before: unknown, after: unknown): readonly (readonly [key: string | number, unknown, unknown])[] | undefined {
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => [index, before[index] as unknown, after[index] as unknown]);
  }
  if (!isObject(before) || !isObject(after)) return undefined;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.map((key) => [key, before[key], after[key]]);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pathOf(path: string, key: string | number): string {
  if (typeof key === "number" || !/^[A-Za-z_$][\w$]*$/.test(key)) return at(path, key);
  return path === "" ? key : `${path}.${key}`;
}

function shortText(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  if (text.length <= maxValueLength) return text;
  if (Array.isArray(value)) return "[…]";
  return isObject(value) ? "{…}" : `${text.slice(0, maxValueLength)}…`;
}
