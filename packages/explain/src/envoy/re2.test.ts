import { expect, it } from "vitest";
import { fitsRe2 } from "./re2.ts";

it.each([
  ["/item/[0-9]+", "/item/12", true],
  ["/item/[0-9]+", "/item/12/x", false],
  ["(?i)/ITEM/.*", "/item/1", true],
  ["/(?P<kind>a|b)/x", "/b/x", true],
  ["a|b", "ab", false],
])("%s on %s: %s", (regex, text, fits) => {
  expect(fitsRe2(regex, text)).toBe(fits);
});

it.each(["[[:alpha:]]+", "\\Aabc\\z", "(", "a{2,1}"])("claims nothing about %s", (regex) => {
  expect(fitsRe2(regex, "abc")).toBeUndefined();
});

it("is not held up by an expression that takes JavaScript for ever", () => {
  expect(fitsRe2("(a+)+$", `${"a".repeat(60)}!`)).toBeUndefined();
  expect(fitsRe2("a+", "aaa")).toBe(true);
});
