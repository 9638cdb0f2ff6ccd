import type { Violation } from "@meridian/model";
import { decimalOf, intOrDecimal } from "./number.ts";

/** A share of 100: an integer, or a decimal as text (reference: resources.md section 2). */
export function percentageSchema(description: string) {
  return intOrDecimal(`${description} 0 to 100; decimals as text.`);
}

/** The number that is meant; undefined when the text is none. */
export const percentageOf = decimalOf;

/** Absent is fine. @param options.above0 whether 0 is refused. Default false. */
export function validatePercentage(
  path: string,
  value: number | string | undefined,
  options: { readonly above0?: boolean } = {},
): readonly Violation[] {
  if (value === undefined) return [];
  const share = percentageOf(value);
  if (share === undefined) return [{ path, message: "string must be a valid number" }];
  if (share < 0 || share > 100) return [{ path, message: "must be in inclusive range [0.0, 100.0]" }];
  return options.above0 && share === 0 ? [{ path, message: "must be greater than 0" }] : [];
}
