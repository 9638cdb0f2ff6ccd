import { expect, it } from "vitest";
import { violationsOf, withConf } from "../testing/policies.ts";

const anyTags = "sources: [{match: {team: a}}], destinations: [{match: {version: v1}}]";

it.each([
  ["null", ["conf: must have conf"]],
  ["{http: {}}", ["conf.http.requests: requests must be set", "conf.http.interval: interval must be set"]],
  ["{http: {requests: 0, interval: 0s}}", ["conf.http.requests: requests must be set"]],
  [
    "{http: {requests: 1, interval: 1s, onRateLimit: {headers: [{key: a, value: b}, {}]}}}",
    ['conf.http.onRateLimit.header["1"]: key must be set', 'conf.http.onRateLimit.header["1"]: value must be set'],
  ],
])("refuses %s", (conf, expected) => {
  expect(violationsOf(withConf("RateLimit", conf, anyTags))).toEqual(expected);
});

it.each(["{}", "{http: {requests: 1, interval: 0s, onRateLimit: {status: 999}}}"])("takes %s", (conf) => {
  expect(violationsOf(withConf("RateLimit", conf, anyTags))).toEqual([]);
});

it("needs both lists", () => {
  expect(violationsOf("{type: RateLimit, mesh: default, name: l, conf: {}}")).toEqual([
    "sources: must have at least one element",
    "destinations: must have at least one element",
  ]);
});
