import { MeridianError } from "@meridian/base";

/** What scripts can tell apart. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, notConverged: 3 } as const;

export interface FailureOptions {
  readonly exitCode?: number;
  /** What is wrong in detail, one line each. */
  readonly lines?: readonly string[];
  /** What to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A command could not do what was asked for; printed without a stack. */
export class CommandFailure extends MeridianError<"COMMAND_FAILURE"> {
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly hint: string | undefined;

  constructor(message: string, options: FailureOptions = {}) {
    super("COMMAND_FAILURE", message, { cause: options.cause });
    this.exitCode = options.exitCode ?? exitCodes.failed;
    this.lines = options.lines ?? [];
    this.hint = options.hint;
  }
}

/** What a command throws for what it does not understand, where exit code 2 has another meaning for it. */
export function withUsageExitCode(error: unknown, exitCode: number | undefined): unknown {
  if (exitCode === undefined || !(error instanceof CommandFailure) || error.exitCode !== exitCodes.usage) return error;
  const { message, lines, hint } = error;
  return new CommandFailure(message, { exitCode, lines, cause: error, ...(hint !== undefined && { hint }) });
}

export function usageFailure(message: string, hint?: string): CommandFailure {
  return new CommandFailure(message, { exitCode: exitCodes.usage, ...(hint !== undefined && { hint }) });
}
