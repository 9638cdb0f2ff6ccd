import { expect, it } from "vitest";
import { faultConfig, kbpsOf, possibleFault } from "./faults.ts";

it.each([
  ["50kbps", 50],
  ["2 Mbps", 2_000],
  ["2 mbps", 2_000],
  ["1Gbps", 1_000_000],
  ["0kbps", 1],
  ["kbps", undefined],
])("%s is %s kbps", (limit, kbps) => {
  expect(kbpsOf(limit)).toBe(kbps);
});

it("leaves out what Envoy refuses", () => {
  const abort = { status: 503, percentage: 1 };
  const delay = { ms: 10, percentage: 1 };
  expect(possibleFault({ abort, delay })).toEqual({ abort, delay });
  expect(possibleFault({ abort: { ...abort, status: 199 }, delay })).toEqual({ delay });
  expect(possibleFault({ abort, delay: { ms: 0, percentage: 1 } })).toEqual({ abort });
  expect(possibleFault({ delay: { ms: -1, percentage: 1 } })).toBeUndefined();
});

it.each([
  [10, { numerator: 10, denominator: "HUNDRED" }],
  [2.5, { numerator: 250, denominator: "TEN_THOUSAND" }],
  [0.123, { numerator: 1230, denominator: "MILLION" }],
])("writes %s %% as a fraction", (percentage, expected) => {
  expect(faultConfig({ abort: { status: 503, percentage } })["abort"]).toEqual({ httpStatus: 503, percentage: expected });
});
