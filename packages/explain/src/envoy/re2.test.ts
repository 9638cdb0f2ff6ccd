import { expect, it } from "vitest";
import { fitsRe2 } from "./re2.ts";

it.each([
  ["/item/[0-9]+", "/item/12", true],
  ["/item/[0-9]+", "/item/12/x", false],
  ["(?i)/ITEM/.*", "/item/1", true],
  ["/(?P<kind>a|b)/x", "/b/x", true],
  ["a|b", "ab", false],
  [".*&team=(?:[^&]*,)?a[,&].*", "&team=b,a&&zone=east&", true],
  ["[)*]+", "*)*", true],
])("%s on %s: %s", (regex, text, fits) => {
  expect(fitsRe2(regex, text)).toBe(fits);
});

it.each(["[[:alpha:]]+", "\\Aabc\\z", "(", "a{2,1}"])("claims nothing about %s", (regex) => {
  expect(fitsRe2(regex, "abc")).toBeUndefined();
});

it.each([
  ["(a+)+", `${"a".repeat(60)}!`],
  ["a*a*a*a*a*b", "a".repeat(8_000)],
])("is not held up by %s, for which JavaScript takes for ever", (regex, text) => {
  expect(fitsRe2(regex, text)).toBeUndefined();
  expect(fitsRe2("a+", "aaa")).toBe(true);
});
