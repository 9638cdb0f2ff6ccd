import { MeridianError } from "@meridian/base";
import { StreamRefused } from "@meridian/xds";

/** What the proxy is told of an error that is expected; an unexpected one stays what it is. */
export function asRefusal(error: unknown): unknown {
  if (error instanceof StreamRefused || !(error instanceof MeridianError)) return error;
  const isPassing = error.code === "UNAVAILABLE" || error.code === "STOPPED";
  return new StreamRefused({ code: isPassing ? "UNAVAILABLE" : "FAILED_PRECONDITION", message: error.message });
}
