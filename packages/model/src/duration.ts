/** Milliseconds in each unit that Go's `time.ParseDuration` knows. */
const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const durationPattern = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const partPattern = /(\d*)(\.\d*)?(ns|us|µs|μs|ms|s|m|h)/g;

/**
 * Reads `10s`, `1h30m`, `1.5s`, `300ms`, `0` (the proto JSON form is a subset of Go's). Returns milliseconds, with a fraction for
 * smaller units, negative for `-5s`; undefined when `text` is no duration.
 */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  let totalMs = 0;
  for (const [, whole, fraction = ".", unit = "ms"] of text.matchAll(partPattern)) {
    const unitMs = unitsMs[unit] ?? 0;
    // Apart, so that the fraction of a large number keeps its digits.
    totalMs += Number(whole) * unitMs + Number(`0${fraction}`) * unitMs;
  }
  totalMs = Number(totalMs.toFixed(6));
  if (totalMs === 0) return 0;
  return totalMs > maxDurationMs ? undefined : text.startsWith("-") ? -totalMs : totalMs;
}

/** Go keeps a duration as int64 nanoseconds: about 292 years. */
const maxDurationMs = 9_223_372_036_854;

/** `60s`, `0.300s`: how proto JSON writes a duration; 3, 6 or 9 decimals when there is a fraction. */
export function formatLegacyDuration(durationMs: number): string {
  const [seconds, fraction] = splitNanoseconds(durationMs);
  const sign = durationMs < 0 ? "-" : "";
  return `${sign}${seconds}${fraction && `.${fraction.replace(/(?:000)+$/, "")}`}s`;
}

/** `1h0m0s`, `1.5s`, `300ms`, `0s`: how Go's `Duration.String` writes one. */
export function formatGoDuration(durationMs: number): string {
  const sign = durationMs < 0 ? "-" : "";
  const absoluteNs = Math.round(Math.abs(durationMs) * 1e6);
  if (absoluteNs === 0) return "0s";
  if (absoluteNs < 1e3) return `${sign}${absoluteNs}ns`;
  if (absoluteNs < 1e6) return `${sign}${absoluteNs / 1e3}µs`;
  if (absoluteNs < 1e9) return `${sign}${absoluteNs / 1e6}ms`;
  const [wholeSeconds, fraction] = splitNanoseconds(durationMs);
  const hours = Math.floor(wholeSeconds / 3600);
  const minutes = Math.floor((wholeSeconds % 3600) / 60);
  const decimals = fraction.replace(/0+$/, "");
  const seconds = `${wholeSeconds % 60}${decimals && `.${decimals}`}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : sign + seconds;
}

/** Whole seconds and nine decimals (empty when zero) of the absolute value. */
function splitNanoseconds(durationMs: number): readonly [seconds: number, fraction: string] {
  const absoluteMs = Math.abs(durationMs);
  let seconds = Math.floor(absoluteMs / 1000);
  let nanoseconds = Math.round((absoluteMs - seconds * 1000) * 1e6);
  if (nanoseconds >= 1e9) {
    seconds += 1;
    nanoseconds -= 1e9;
  }
  return [seconds, nanoseconds === 0 ? "" : String(nanoseconds).padStart(9, "0")];
}

const lifetimeUnitsMs: Readonly<Record<string, number>> = {
  ...unitsMs,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

/**
 * The lifetime of a certificate as Mesh writes it: `10y`, `1d`, `30m`, `0`; one unit only (reference: resources-legacy.md 16).
 * Milliseconds; undefined when `text` is not of that form.
 */
export function parseLifetime(text: string): number | undefined {
  if (text === "0") return 0;
  const [, amount, unit] = /^(\d+)(y|w|d|h|m|s|ms)$/.exec(text) ?? [];
  const unitMs = unit === undefined ? undefined : lifetimeUnitsMs[unit];
  return unitMs === undefined ? undefined : Number(amount) * unitMs;
}
