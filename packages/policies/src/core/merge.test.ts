import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeConfs, mergeKeyedLists } from "./merge.ts";

describe("mergeConfs", () => {
  it("merges objects deep and replaces scalars and lists (worked example A)", () => {
    const merged = mergeConfs([
      { http: { requestTimeout: "10s" } },
      { connectionTimeout: "5s", http: { requestTimeout: "15s" } },
      { http: { streamIdleTimeout: "1m" } },
    ]);
    expect(merged).toEqual({ connectionTimeout: "5s", http: { requestTimeout: "15s", streamIdleTimeout: "1m" } });
    expect(mergeConfs([{ backends: [1, 2] }, { backends: [3] }])).toEqual({ backends: [3] });
  });

  it("joins lists named append… (worked example D)", () => {
    expect(mergeConfs([{ appendMatch: ["a"] }, { appendMatch: ["b"] }])).toEqual({ appendMatch: ["a", "b"] });
  });

  it("leaves its inputs alone, and gives nothing for nothing", () => {
    const base = { a: { b: 1 } };
    mergeConfs([base, { a: { c: 2 } }]);
    expect(base).toEqual({ a: { b: 1 } });
    expect(mergeConfs([])).toBeUndefined();
  });

  // Confs of one kind: a field has the same shape in each.
  const conf = fc.record(
    { a: fc.integer(), list: fc.array(fc.integer()), http: fc.dictionary(fc.constantFrom("x", "y"), fc.integer()) },
    { requiredKeys: [] },
  );

  it("is idempotent and associative", () => {
    fc.assert(
      fc.property(conf, conf, conf, (a, b, c) => {
        expect(mergeConfs([a, a])).toEqual(a);
        const ab = mergeConfs([a, b]) ?? {};
        expect(mergeConfs([ab, b])).toEqual(ab);
        expect(mergeConfs([ab, c])).toEqual(mergeConfs([a, mergeConfs([b, c]) ?? {}]));
      }),
    );
  });
});

describe("mergeKeyedLists", () => {
  const merge = (lists: readonly (readonly string[])[]) =>
    mergeKeyedLists(
      lists,
      (item) => item.charAt(0),
      (versions) => versions.join("+"),
    );

  it("puts the strongest list first, and gives versions weakest first", () => {
    expect(
      merge([
        ["a1", "b1"],
        ["c2", "b2"],
      ]),
    ).toEqual(["c2", "b1+b2", "a1"]);
  });

  it("takes a later item of one list for the stronger one", () => {
    expect(merge([["a1", "a2"], ["a3"]])).toEqual(["a1+a2+a3"]);
  });
});
