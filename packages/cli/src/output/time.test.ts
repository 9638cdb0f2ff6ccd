import { expect, test } from "vitest";
import { ageOf, timeLeft } from "./time.ts";

const now = Date.parse("2026-01-02T00:00:00Z");

test("ages and times to come are told to one unit", () => {
  expect(ageOf("2026-01-01T21:00:00Z", now)).toBe("3h");
  expect(ageOf(undefined, now)).toBe("-");
  expect(timeLeft("2026-01-02T23:30:00Z", now)).toBe("in 23h");
  expect(timeLeft("2026-01-01T23:00:00Z", now)).toBe("expired 60m ago");
  expect(timeLeft(undefined, now)).toBe("-");
});
