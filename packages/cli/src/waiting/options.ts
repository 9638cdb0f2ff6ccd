import { parseDuration } from "@meridian/model";
import { type OptionSpec, type OptionValues, textOption } from "../command.ts";
import { usageFailure } from "../failure.ts";

/** Options of every command that writes and can wait until the write has taken effect. */
export const waitOptions: readonly OptionSpec[] = [
  {
    flags: "--wait",
    description: "return when every connected proxy in every zone has acknowledged the change; a zone that is not heard is named",
  },
  { flags: "--all-zones", description: "as --wait, and also wait for zones that are not heard at the moment" },
  { flags: "--timeout <duration>", description: "how long --wait waits", default: "60s" },
];

/** What `--help` of these commands says of their exit codes. */
export const waitExitCodes = [
  "Exit codes with --wait:",
  "  0  every proxy of every zone that is heard has acknowledged; a zone that is",
  "     not heard takes the change when it is back",
  "  3  a proxy rejected it, the time ran out, no zone is heard at all, or with",
  "     --all-zones one of them is not",
  "Without --wait 0 says that it is stored. 1 is a failure, 2 a mistake in the",
  "command: nothing was written then.",
].join("\n");

export interface WaitSettings {
  readonly isWanted: boolean;
  /** Zones that are not heard are waited for, too. */
  readonly allZones: boolean;
  readonly timeoutMs: number;
}

/** @throws CommandFailure (usage) */
export function waitSettings(options: OptionValues): WaitSettings {
  const text = textOption(options, "timeout") ?? "60s";
  const timeoutMs = parseDuration(text);
  if (timeoutMs === undefined || timeoutMs <= 0) {
    throw usageFailure(`--timeout ${text} is not a duration`, "Use a form like 30s or 5m");
  }
  const allZones = options["allZones"] === true;
  return { isWanted: allZones || options["wait"] === true, allZones, timeoutMs };
}
