import {
  createLogger,
  flagOf,
  type Logger,
  loadSettings,
  SettingsError,
  type SettingTable,
  type SettingValues,
} from "@meridian/base";
import { Command, Option } from "commander";
import { failureFields } from "./failure-fields.ts";
import { helpOf } from "./setting-help.ts";

export interface StartContext {
  readonly logger: Logger;
  /** Ends the process with exit code 1. */
  readonly fatal: (error: unknown) => void;
}

/** A process that runs until it is told to stop. */
export interface Running {
  stop(): Promise<void>;
}

export interface RunCommand<Table extends SettingTable> {
  readonly name: string;
  readonly description: string;
  readonly settings: Table;
  /** Resolves once everything listens. */
  start(values: SettingValues<Table>, context: StartContext): Promise<Running>;
}

/** Turns a table of settings into a command: a flag for each, `--config FILE`, and a stop on SIGINT and SIGTERM. */
export function runCommand<Table extends SettingTable>(command: RunCommand<Table>): Command {
  const result = new Command(command.name)
    .description(command.description)
    .option("--config <file>", "YAML file of settings (camelCase keys)");
  for (const [name, setting] of Object.entries(command.settings)) result.addOption(optionOf(name, setting));
  return result.action(async (options: Record<string, unknown>) => {
    const flags = withNegations(options, command.settings);
    const values = loadSettings(command.settings, {
      flags,
      env: process.env,
      ...(typeof options["config"] === "string" && { file: options["config"] }),
    });
    await runUntilStopped(command, values);
  });
}

async function runUntilStopped<Table extends SettingTable>(
  command: RunCommand<Table>,
  values: SettingValues<Table>,
): Promise<void> {
  const level = (values as Record<string, unknown>)["logLevel"];
  const logger = createLogger({ name: "meridian", ...(typeof level === "string" && { level }) });
  let running: Running | undefined;
  let stopping = false;
  const stop = (exitCode: number): void => {
    if (stopping) return;
    stopping = true;
    void (running?.stop() ?? Promise.resolve()).finally(() => process.exit(exitCode));
  };
  const fatal = (error: unknown): void => {
    logger.fatal(failureFields(error), "cannot go on");
    stop(1);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop(0));
  process.on("unhandledRejection", fatal);
  try {
    running = await command.start(values, { logger, fatal });
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    logger.fatal({ reason: error instanceof Error ? error.message : String(error) }, "could not start");
    process.exit(1);
  }
}

function optionOf(name: string, setting: SettingTable[string]): Option {
  const takesNothing = setting.default === false;
  const option = new Option(`${flagOf(name)}${takesNothing ? "" : " <value>"}`, helpOf(setting));
  return takesNothing
    ? option
    : option.argParser((value: string, earlier: string | undefined) => (earlier === undefined ? value : `${earlier},${value}`));
}

/** commander reads `--no-default-mesh` as `defaultMesh: false`; the setting is called `noDefaultMesh`. */
function withNegations(options: Readonly<Record<string, unknown>>, table: SettingTable): Record<string, unknown> {
  const flags: Record<string, unknown> = { ...options };
  for (const name of Object.keys(table)) {
    if (!/^no[A-Z]/.test(name)) continue;
    const positive = `${name.charAt(2).toLowerCase()}${name.slice(3)}`;
    if (options[positive] === false) flags[name] = true;
    delete flags[positive];
  }
  return flags;
}
