import { expect, it } from "vitest";
import { applyJsonPatch } from "./json-patch.ts";

const document = { a: { b: [1, 2] }, "x/y": 1 };

it.each([
  [
    { op: "add", path: "/a/c", value: 3 },
    { a: { b: [1, 2], c: 3 }, "x/y": 1 },
  ],
  [
    { op: "add", path: "/a/b/1", value: 9 },
    { a: { b: [1, 9, 2] }, "x/y": 1 },
  ],
  [
    { op: "add", path: "/a/b/-", value: 9 },
    { a: { b: [1, 2, 9] }, "x/y": 1 },
  ],
  [
    { op: "add", path: "/n/m", value: 9 },
    { a: { b: [1, 2] }, "x/y": 1, n: { m: 9 } },
  ],
  [
    { op: "replace", path: "/x~1y", value: 2 },
    { a: { b: [1, 2] }, "x/y": 2 },
  ],
  [
    { op: "replace", path: "/a/b/0", value: 7 },
    { a: { b: [7, 2] }, "x/y": 1 },
  ],
  [{ op: "replace", path: "/not/there", value: 2 }, document],
  [
    { op: "remove", path: "/a/b/0" },
    { a: { b: [2] }, "x/y": 1 },
  ],
  [{ op: "remove", path: "/nothing" }, document],
  [
    { op: "move", from: "/a/b", path: "/b" },
    { a: {}, "x/y": 1, b: [1, 2] },
  ],
  [
    { op: "copy", from: "/a/b/1", path: "/c" },
    { a: { b: [1, 2] }, "x/y": 1, c: 2 },
  ],
] as const)("%j", (step, expected) => {
  const before = structuredClone(document);
  expect(applyJsonPatch(document, [step])).toEqual(expected);
  expect(document).toEqual(before);
});
