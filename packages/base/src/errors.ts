/**
 * The one error class of expected failures. `code` is a literal that callers switch on; the message names the thing, the value
 * and the way out. A bug throws anything else.
 */
export class MeridianError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "MeridianError";
    this.code = code;
  }
}

/** The message of whatever was thrown, for logs and answers. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
