import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatGoDuration, formatLegacyDuration, parseDuration, parseLifetime } from "./duration.ts";

describe("parseDuration", () => {
  it.each([
    ["10s", 10_000],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    ["300ms", 300],
    ["0", 0],
    ["-5s", -5000],
    ["0.300s", 300],
    ["1us", 0.001],
  ])("%s is %d ms", (text, expected) => {
    expect(parseDuration(text)).toBeCloseTo(expected, 9);
  });

  it.each(["", "10", "s", "1d", "1s ", "abc", "1m30", "--1s", "99999999999h"])("%j is none", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe("formatting", () => {
  it.each([
    [60_000, "60s", "1m0s"],
    [3_600_000, "3600s", "1h0m0s"],
    [300, "0.300s", "300ms"],
    [1500, "1.500s", "1.5s"],
    [0, "0s", "0s"],
    [0.5, "0.000500s", "500µs"],
    [-5000, "-5s", "-5s"],
  ])("%d ms is %s and %s", (ms, legacy, go) => {
    expect(formatLegacyDuration(ms)).toBe(legacy);
    expect(formatGoDuration(ms)).toBe(go);
  });

  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
        expect(parseDuration(formatGoDuration(ms))).toBe(ms);
        expect(parseDuration(formatLegacyDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe("parseLifetime", () => {
  it("knows days and years, and one unit only", () => {
    expect(parseLifetime("1d")).toBe(86_400_000);
    expect(parseLifetime("10y")).toBe(10 * 365 * 86_400_000);
    expect(parseLifetime("1h30m")).toBeUndefined();
  });
});
