import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonPatch, type PatchStep } from "./json-patch.ts";

describe("a patch", () => {
  it("names what differs, by escaped paths in order", () => {
    const before = { a: { "x/y": 1, gone: true }, list: [1, 2], same: [{ b: 1 }] };
    const after = { a: { "x/y": 2 }, list: [1, 2, 3], same: [{ b: 1 }], "n~w": null };
    expect(jsonPatch(before, after)).toEqual([
      { op: "remove", path: "/a/gone" },
      { op: "replace", path: "/a/x~1y", value: 2 },
      { op: "replace", path: "/list", value: [1, 2, 3] },
      { op: "add", path: "/n~0w", value: null },
    ]);
  });

  it("makes the one value of the other", () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, value, (before, after) => {
        const patched = jsonPatch(before, after).reduce<unknown>(applyStep, structuredClone(before));
        expect(patched).toEqual(after);
        expect(jsonPatch(after, structuredClone(after))).toEqual([]);
      }),
    );
  });
});

type Json = Record<string, unknown>;

function applyStep(document: unknown, step: PatchStep): unknown {
  const keys = step.path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = keys.pop();
  if (last === undefined) return step.op === "remove" ? undefined : step.value;
  const target = keys.reduce<Json>((at, key) => at[key] as Json, document as Json);
  if (step.op === "remove") delete target[last];
  else Object.defineProperty(target, last, { value: step.value, enumerable: true, configurable: true, writable: true });
  return document;
}
