import { type Duration, durationFromMs } from "@meridian/envoy";
import { parseDuration } from "@meridian/model";

/** A user's duration as Envoy writes it. Undefined when absent, and when negative: legacy kinds may be, and Envoy refuses that. */
export function envoyDuration(text: string | undefined): Duration | undefined {
  const ms = text === undefined ? undefined : parseDuration(text);
  return ms === undefined || ms < 0 ? undefined : durationFromMs(ms);
}

/** For fields that Envoy wants above 0: undefined for 0, too. */
export function positiveDuration(text: string | undefined): Duration | undefined {
  const duration = envoyDuration(text);
  return duration === "0s" ? undefined : duration;
}
