import { parseDuration } from "@meridian/model";
import { type OptionSpec, type OptionValues, textOption } from "../command.ts";
import { usageFailure } from "../failure.ts";

/** Options of every command that writes and can wait until the write has taken effect. */
export const waitOptions: readonly OptionSpec[] = [
  { flags: "--wait", description: "return when every proxy in every zone has acknowledged the change" },
  { flags: "--timeout <duration>", description: "how long --wait waits", default: "60s" },
];

/** Milliseconds. @throws CommandFailure (usage) */
export function parseTimeout(options: OptionValues): number {
  const text = textOption(options, "timeout") ?? "60s";
  const timeoutMs = parseDuration(text);
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
  throw usageFailure(`--timeout ${text} is not a duration`, "Use a form like 30s or 5m");
}
