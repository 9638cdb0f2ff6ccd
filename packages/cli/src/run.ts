import { errorMessage } from "@meridian/base";
import { ApiFailure, Unreachable } from "@meridian/client";
import { type Command, CommanderError } from "commander";
import { CommandFailure, exitCodes } from "./failure.ts";
import type { CliIo } from "./io.ts";
import { styleOf } from "./output/style.ts";

/** Carries an exit code out of commander; whatever there is to say was printed already. */
class Finished extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

const usageExitCodes = new WeakMap<Command, number>();

/** A command that gives exit code 2 a meaning of its own ends with another one when it is not understood. */
export function setUsageExitCode(command: Command, exitCode: number): void {
  usageExitCodes.set(command, exitCode);
}

/** Ends the running command with an exit code, without a message. */
export function failWith(exitCode: number): never {
  throw new Finished(exitCode);
}

/**
 * Runs the command that `argv` names (without node and script) and returns the exit code: 0 ok, 1 failed, 2 not understood, 3 a
 * proxy rejected the change or `--wait` ran out of time. Never throws; says what is wrong on stderr, and what to do next.
 */
export async function runCli(program: Command, argv: readonly string[], io: CliIo): Promise<number> {
  prepare(program, io);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    return report(error, io);
  }
}

/** Commander leaves the process alone and writes to `io`, in every command below. */
function prepare(command: Command, io: CliIo): void {
  const exit = (error: CommanderError): never => {
    const exitCode = usageExitCodes.get(command);
    if (error.exitCode !== 0 && exitCode !== undefined) failWith(exitCode);
    throw error;
  };
  command.exitOverride(exit).configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  for (const child of command.commands) prepare(child, io);
}

function report(error: unknown, io: CliIo): number {
  if (error instanceof Finished) return error.exitCode;
  // Commander has printed its own message; help and version are not mistakes.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const style = styleOf(io);
  const { message, lines, hint } = explain(error);
  io.stderr.write(`${style.bad("Error:")} ${message}\n`);
  for (const line of lines) io.stderr.write(`  ${line}\n`);
  if (hint !== undefined) io.stderr.write(`${hint}\n`);
  return error instanceof CommandFailure ? error.exitCode : exitCodes.failed;
}

interface Explanation {
  readonly message: string;
  readonly lines: readonly string[];
  readonly hint?: string | undefined;
}

function explain(error: unknown): Explanation {
  if (error instanceof CommandFailure) return error;
  if (error instanceof Unreachable) return { message: error.message, lines: [], hint: error.hint };
  if (error instanceof ApiFailure) {
    const lines = error.violations.map(({ field, reason }) => (field === "" ? reason : `${field}: ${reason}`));
    return { message: error.message, lines, hint: hintFor(error.status) };
  }
  return { message: errorMessage(error), lines: [] };
}

/** What to do next, by HTTP status. */
function hintFor(status: number): string | undefined {
  if (status === 401) return "The token is not accepted: it may have expired. Make another: meridian generate user-token";
  if (status === 403)
    return "Only administrators may do this: use an admin's token (--token-file), or run it on the control plane's machine.";
  if (status === 409) return "Somebody else changed it meanwhile: read it again and repeat the change.";
  if (status === 410) return "The log no longer reaches back so far. See what it holds: meridian history";
  if (status === 413) return "The batch is larger than the control plane takes at once: apply it in parts.";
  if (status === 503) return "The control plane cannot reach its store at the moment; nothing was written. Try again.";
  return undefined;
}
