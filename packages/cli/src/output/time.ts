/** `45s`, `12m`, `3h`, `6d`: how long ago, to one unit. */
export function ageOf(time: string | undefined, nowMs: number): string {
  const ageMs = nowMs - Date.parse(time ?? "");
  if (Number.isNaN(ageMs)) return "-";
  return formatSpan(Math.max(ageMs, 0));
}

/** `in 23h`, or `expired 2h ago`; `-` where there is no time. */
export function timeLeft(time: unknown, nowMs: number): string {
  const leftMs = typeof time === "string" ? Date.parse(time) - nowMs : Number.NaN;
  if (Number.isNaN(leftMs)) return "-";
  return leftMs > 0 ? `in ${formatSpan(leftMs)}` : `expired ${formatSpan(-leftMs)} ago`;
}

/** To one unit: `850 ms`, `12s`, `3h`. */
export function formatSpan(spanMs: number): string {
  const seconds = Math.floor(spanMs / 1000);
  if (seconds < 1) return `${Math.round(spanMs)} ms`;
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
