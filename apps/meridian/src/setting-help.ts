import { booleanSetting, durationSetting, type Setting } from "@meridian/base";

/** What `--help` says of a setting: its meaning, then the values it may have and the one it has when nothing is said. */
export function helpOf({ type, description, default: value }: Setting<unknown>): string {
  const facts = [
    ...(type.expects.startsWith("one of ") ? [type.expects] : []),
    ...(type === booleanSetting && value !== false ? [type.expects] : []),
    ...(value === undefined || value === false || value === "" ? [] : [`default: ${defaultText(type, value)}`]),
  ];
  return facts.length === 0 ? description : `${description} (${facts.join("; ")})`;
}

/** A default as a user would write it. */
function defaultText(type: Setting<unknown>["type"], value: unknown): string {
  if (type === durationSetting && typeof value === "number") return durationText(value);
  if (typeof value === "object" && value !== null && "host" in value && "port" in value) return `${value.host}:${value.port}`;
  return String(value);
}

const units = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;

/** Milliseconds as `1h`, `90s`, `500ms`, or `0`: in the largest unit that needs no fraction. */
function durationText(ms: number): string {
  if (ms === 0) return "0";
  const [unit, size] = units.find(([, size]) => ms % size === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}
