import { expect, it } from "vitest";
import { confOfItem, mergeItemConfs } from "./merge-lists.ts";

it("takes the conf of an entry, or the rules of a route", () => {
  expect(confOfItem({ targetRef: { kind: "Mesh" }, default: { idleTimeout: "1s" } })).toEqual({ idleTimeout: "1s" });
  expect(confOfItem({ targetRef: { kind: "Mesh" }, rules: [], hostnames: ["a"] })).toEqual({ rules: [], hostnames: ["a"] });
  expect(confOfItem({ matches: [{ sni: { type: "Exact", value: "a" } }] })).toEqual({});
});

it("merges rules of routes by their matches, the strongest first", () => {
  const rule = (path: string, conf: object) => ({ matches: [{ path }], default: conf });
  const merged = mergeItemConfs([
    { rules: [rule("/a", { filters: ["weak"], backendRefs: ["b"] }), rule("/b", {})] },
    { rules: [rule("/c", {}), rule("/a", { filters: ["strong"] })] },
  ]);
  expect(merged).toEqual({
    rules: [rule("/c", {}), rule("/a", { filters: ["strong"], backendRefs: ["b"] }), rule("/b", {})],
  });
  expect(mergeItemConfs([])).toBeUndefined();
});
