import type { ProtoJson } from "../route.ts";

/** One operation of RFC 6902, as far as MeshProxyPatch knows them. */
export interface JsonPatchStep {
  readonly op: "add" | "remove" | "replace" | "move" | "copy";
  readonly path: string;
  readonly from?: string | undefined;
  readonly value?: unknown;
}

/**
 * Applies the steps in order to a copy (RFC 6902). A step whose place is not there is left out: one patch is for many resources,
 * and they differ. An `add` makes the objects on its way.
 */
export function applyJsonPatch(document: ProtoJson, steps: readonly JsonPatchStep[]): ProtoJson {
  return steps.reduce<unknown>(applyStep, structuredClone(document)) as ProtoJson;
}

function applyStep(document: unknown, { op, path, from = "", value }: JsonPatchStep): unknown {
  switch (op) {
    case "remove":
      return remove(document, path);
    case "replace":
      return find(document, path) === undefined ? document : put(remove(document, path), path, value);
    case "add":
      return put(document, path, value);
    default: {
      const moved = find(document, from);
      if (moved === undefined) return document;
      return put(op === "move" ? remove(document, from) : document, path, structuredClone(moved));
    }
  }
}

type Container = Record<string, unknown> | unknown[];

/** Parts of a JSON pointer (RFC 6901). */
function partsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function find(document: unknown, pointer: string): unknown {
  return partsOf(pointer).reduce<unknown>(
    (at, part) => (isContainer(at) && Object.hasOwn(at, part) ? at[part as never] : undefined),
    document,
  );
}

function put(document: unknown, pointer: string, value: unknown): unknown {
  const parts = partsOf(pointer);
  const last = parts.at(-1);
  if (last === undefined) return value;
  let at = document as Container;
  for (const part of parts.slice(0, -1)) {
    if (!Array.isArray(at) && !Object.hasOwn(at, part)) Object.defineProperty(at, part, ownField({}));
    const next: unknown = Object.hasOwn(at, part) ? at[part as never] : undefined;
    if (!isContainer(next)) return document;
    at = next;
  }
  if (!Array.isArray(at)) Object.defineProperty(at, last, ownField(value));
  else if (last === "-") at.push(value);
  else if (/^\d+$/.test(last) && Number(last) <= at.length) at.splice(Number(last), 0, value);
  return document;
}

function remove(document: unknown, pointer: string): unknown {
  const parts = partsOf(pointer);
  const last = parts.at(-1) ?? "";
  const parent = find(document, pointer.slice(0, pointer.lastIndexOf("/")));
  if (!isContainer(parent) || !Object.hasOwn(parent, last)) return document;
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return document;
}

/** Also for `__proto__`, which assignment would take for something else. */
function ownField(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}
