import type { Client } from "@meridian/client";
import type { CliIo } from "./io.ts";

export interface ConnectOptions {
  /** For one answer. Default: the client's own, 60 s. */
  readonly timeoutMs?: number;
}

/** What a command gets besides what the user typed. */
export interface CommandContext {
  readonly io: CliIo;
  /** A client of the control plane that the options, the environment or the config file name. */
  readonly connect: (options?: ConnectOptions) => Promise<Client>;
}

export interface OptionSpec {
  /** As commander writes it: `-o, --output <format>`. */
  readonly flags: string;
  readonly description: string;
  readonly default?: string | number | boolean;
  /** May be given several times: the handler gets a list. */
  readonly isRepeatable?: boolean;
  readonly isRequired?: boolean;
  readonly choices?: readonly string[];
}

export type OptionValues = Readonly<Record<string, unknown>>;

/** A command as data (style.md: commands as data plus a handler). */
export interface CommandSpec {
  /** Path of words: `["inspect", "zones"]`. */
  readonly path: readonly string[];
  /** As commander writes them: `<kind> [name]`. */
  readonly args?: string;
  readonly summary: string;
  readonly options?: readonly OptionSpec[];
  /** Lines of `--help`. */
  readonly examples?: readonly string[];
  /** Ends `--help`: what the options cannot say. */
  readonly notes?: string;
  /** It talks to a control plane: gets the options that say which. */
  readonly usesControlPlane?: boolean;
  /** Exit code for what is not understood, where 2 means something else. Default 2. */
  readonly usageExitCode?: number;
  readonly isHidden?: boolean;
  /** Returns the exit code; undefined is 0. @throws CommandFailure, or an error of the client */
  readonly run: (context: CommandContext, args: readonly string[], options: OptionValues) => Promise<number | undefined>;
}

export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

export function listOption(options: OptionValues, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? (value as readonly string[]) : typeof value === "string" ? [value] : [];
}
