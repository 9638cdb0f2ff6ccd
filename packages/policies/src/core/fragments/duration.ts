import { formatGoDuration, parseDuration, type Violation } from "@meridian/model";

// Durations of spec kinds: the schema has checked their format, an absent one is fine.

type Durations = Readonly<Record<string, string | undefined>>;

/** Each field that is there must be above 0. */
export function validateDurationsAbove0(path: string, fields: Durations): readonly Violation[] {
  return refuse(path, fields, (ms) => ms <= 0, "must be greater than zero when defined");
}

/** Each field that is there must be 0 or more. */
export function validateDurationsNotNegative(path: string, fields: Durations): readonly Violation[] {
  return refuse(path, fields, (ms) => ms < 0, "must not be negative when defined");
}

/** Each field that is there must be above the limit. */
export function validateDurationsAbove(path: string, fields: Durations, limitMs: number): readonly Violation[] {
  return refuse(path, fields, (ms) => ms <= limitMs, `must be greater than: ${formatGoDuration(limitMs)}`);
}

function refuse(path: string, fields: Durations, isWrong: (ms: number) => boolean, message: string): readonly Violation[] {
  return Object.entries(fields)
    .filter(([, text]) => text !== undefined && isWrong(parseDuration(text) ?? 0))
    .map(([field]) => ({ path: `${path}.${field}`, message }));
}
