import type { ProtoJson } from "./route.ts";

/** Envoy `FractionalPercent` without losing decimals (reference: policies-envoy.md 0.2, percentages). @param percentage 0 to 100. */
export function fractionalPercent(percentage: number): ProtoJson {
  if (Number.isInteger(percentage)) return { numerator: percentage, denominator: "HUNDRED" };
  const hundredths = Math.round(percentage * 100);
  if (Math.abs(hundredths - percentage * 100) < 1e-9) return { numerator: hundredths, denominator: "TEN_THOUSAND" };
  return { numerator: Math.round(percentage * 10_000), denominator: "MILLION" };
}
