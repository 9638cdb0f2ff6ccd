import { errorMessage, MeridianError } from "@meridian/base";

/** What a log line says of a failure: an expected one in words, with what is behind it; of a bug also where it was thrown. */
export function failureFields(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof MeridianError)) return { err: error };
  const { code, message, cause } = error;
  return { code, reason: message, ...(cause !== undefined && { cause: errorMessage(cause) }) };
}
