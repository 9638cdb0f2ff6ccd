/** Reads fields of JSON that anyone may have sent: what is of another type counts as absent. */

export function portText(value: unknown): string {
  return typeof value === "number" && value > 0 ? String(value) : "";
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
