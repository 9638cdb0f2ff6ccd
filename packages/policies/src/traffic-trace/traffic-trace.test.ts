import { expect, it } from "vitest";
import { policiesFrom, violationsOf } from "../testing/policies.ts";

const document = (rest: string) => `{type: TrafficTrace, mesh: default, name: t, ${rest}}`;

it("selects proxies by any tag, and takes any backend", () => {
  const [policy] = policiesFrom(document("selectors: [{match: {team: a}}], conf: {backend: nowhere}"));
  expect(policy?.spec).toEqual({ selectors: [{ match: { team: "a" } }], conf: { backend: "nowhere" } });
});

it.each([
  ["conf: {}", ["selectors: must have at least one element"]],
  [
    "selectors: [{}, {match: {a: 'b c'}}]",
    [
      "selectors[0].match: must have at least one tag",
      'selectors[1].match["a"]: tag value must consist of alphanumeric characters, dots, dashes, slashes and underscores or be "*"',
    ],
  ],
])("refuses %s", (rest, expected) => {
  expect(violationsOf(document(rest))).toEqual(expected);
});
