import type { Tags } from "@meridian/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitsTags } from "../selectors.ts";
import { clientMatch, sourcesMatch } from "./source-tags.ts";

interface Matcher {
  readonly stringMatch: { readonly safeRegex: { readonly regex: string } };
  readonly invertMatch?: boolean;
}

/** As Envoy does: the regex must fit the whole header, and each matcher must hold. */
function fits(matchers: readonly object[], header: string): boolean {
  return (matchers as readonly Matcher[]).every(
    ({ stringMatch, invertMatch = false }) => new RegExp(`^(?:${stringMatch.safeRegex.regex})$`).test(header) !== invertMatch,
  );
}

function headerOf(tagSets: readonly Tags[]): string {
  const keys = [...new Set(tagSets.flatMap((tags) => Object.keys(tags)))].sort();
  return keys
    .map((key) => `&${key}=${[...new Set(tagSets.flatMap((tags) => (key in tags ? [tags[key]] : [])))].sort().join(",")}&`)
    .join("");
}

const value = fc.constantFrom("web", "my-web", "a.b", "axb", "v1");
const tags = fc.dictionary(fc.constantFrom("kuma.io/service", "version", "k.x"), value, { minKeys: 1 });
const selector = fc.dictionary(fc.constantFrom("kuma.io/service", "version", "k.x"), fc.oneof(value, fc.constant("*")), {
  minKeys: 1,
});

describe("sourcesMatch", () => {
  it("fits a client if and only if one of the selectors does", () => {
    fc.assert(
      fc.property(fc.array(selector, { minLength: 1, maxLength: 3 }), tags, (selectors, client) => {
        const everyClientHasAService = { "kuma.io/service": "me", ...client };
        const expected = selectors.some((match) => fitsTags(match, everyClientHasAService));
        expect(fits(sourcesMatch(selectors.map((match) => ({ match }))), headerOf([everyClientHasAService]))).toBe(expected);
      }),
    );
  });

  it("looks at every value of a tag", () => {
    const matchers = sourcesMatch([{ match: { "kuma.io/service": "web" } }]);
    expect(fits(matchers, headerOf([{ "kuma.io/service": "api" }, { "kuma.io/service": "web" }]))).toBe(true);
    expect(fits(matchers, headerOf([{ "kuma.io/service": "api" }, { "kuma.io/service": "my-web" }]))).toBe(false);
  });

  it("asks nothing of anybody where every service is meant", () => {
    expect(sourcesMatch([{ match: { team: "a" } }, { match: { "kuma.io/service": "*" } }])).toEqual([]);
  });
});

describe("clientMatch", () => {
  it("fits clients with these tags and without those", () => {
    fc.assert(
      fc.property(tags, tags, tags, (positive, negative, client) => {
        const others = Object.fromEntries(Object.entries(negative).map(([key, one]) => [key, [one as string, "other"]]));
        const expected =
          fitsTags(positive, client) &&
          Object.entries(negative).every(([key, one]) => ![one, "other"].includes(client[key] ?? ""));
        expect(fits(clientMatch(positive, others), headerOf([client]))).toBe(expected);
      }),
    );
  });

  it("a client that sends no tags has none", () => {
    expect(clientMatch({}, { version: ["v1"] })).toMatchObject([{ invertMatch: true, treatMissingHeaderAsEmpty: true }]);
    expect(clientMatch({}, {})).toEqual([]);
  });
});
