import { at, type Violation } from "@meridian/model";
import { Type } from "@sinclair/typebox";

/** A whole number, or a decimal as text (`"12.5"`). */
export function intOrDecimal(description: string) {
  return Type.Union([Type.Integer(), Type.String()], { description });
}

/** The number that is meant; undefined when the text is none. */
export function decimalOf(value: number | string): number | undefined {
  if (typeof value === "number") return value;
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(value) ? Number(value) : undefined;
}

/** An amount that Envoy keeps in 32 bits. */
export function amount(description: string, options: { readonly minimum?: number; readonly default?: number } = {}) {
  return Type.Integer({ maximum: 4_294_967_295, ...options, description });
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Absent is fine. */
export function validateRange(path: string, value: number | undefined, { from, to }: Range): readonly Violation[] {
  const fits = value === undefined || (value >= from && value <= to);
  return fits ? [] : [{ path, message: `must be in inclusive range [${from}, ${to}]` }];
}

export const wholePercentage: Range = { from: 0, to: 100 };
export const httpStatus: Range = { from: 100, to: 599 };

export function validateStatuses(path: string, statuses: readonly number[] | undefined): readonly Violation[] {
  return (statuses ?? []).flatMap((status, index) => validateRange(at(path, index), status, httpStatus));
}

/** Each field that is there must be above 0. */
export function validateAbove0(
  path: string,
  fields: Readonly<Record<string, number | undefined>>,
  message = "must be greater than 0",
): readonly Violation[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined && value <= 0)
    .map(([field]) => ({ path: `${path}.${field}`, message }));
}
