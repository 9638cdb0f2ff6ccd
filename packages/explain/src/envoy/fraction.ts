import type { Json } from "./json.ts";

/** FractionalPercent.DenominatorType, per one percent. */
const denominators: Readonly<Record<string, number>> = { HUNDRED: 1, TEN_THOUSAND: 100, MILLION: 10_000 };

/** An Envoy `FractionalPercent` in percent; undefined where it is none. */
export function percentOf(value: unknown): number | undefined {
  const { numerator, denominator = "HUNDRED" } = Object(value) as Json;
  const perPercent = denominators[String(denominator)];
  return numerator === undefined || perPercent === undefined ? undefined : Number(numerator) / perPercent;
}

/** `5 %`; undefined as in `percentOf`. */
export function fractionText(value: unknown): string | undefined {
  const percent = percentOf(value);
  return percent === undefined ? undefined : `${percent} %`;
}
