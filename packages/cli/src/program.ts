import { type Command, Option } from "commander";
import type { CommandSpec, OptionSpec, OptionValues } from "./command.ts";
import { applyCommand } from "./commands/apply.ts";
import { completionCommands } from "./commands/completion.ts";
import { configCommands } from "./commands/config.ts";
import { deleteCommand } from "./commands/delete.ts";
import { diffCommand } from "./commands/diff.ts";
import { explainCommand } from "./commands/explain.ts";
import { explainKindCommand } from "./commands/explain-kind.ts";
import { exportCommand } from "./commands/export.ts";
import { generateCommands } from "./commands/generate.ts";
import { getCommand } from "./commands/get.ts";
import { historyCommand } from "./commands/history.ts";
import { importCommand } from "./commands/import.ts";
import { inspectDataplanesCommand, inspectZonesCommand } from "./commands/inspect.ts";
import { inspectListCommands } from "./commands/inspect-lists.ts";
import { inspectPolicyCommand } from "./commands/inspect-policy.ts";
import { inspectProxyCommands } from "./commands/inspect-proxy.ts";
import { planCommand } from "./commands/plan.ts";
import { rollbackCommand } from "./commands/rollback.ts";
import { statusCommand } from "./commands/status.ts";
import { versionCommand } from "./commands/version.ts";
import { watchCommand } from "./commands/watch.ts";
import { connect, connectionOptions } from "./connection.ts";
import { withUsageExitCode } from "./failure.ts";
import type { CliIo } from "./io.ts";
import { failWith, setUsageExitCode } from "./run.ts";

/** What groups of commands are about; a command of the same first word joins a group that another package made. */
const groups: Readonly<Record<string, string>> = {
  generate: "issue tokens",
  config: "settings of this command line",
  "control-planes": "the control planes that this user works with",
};

/** Adds the commands of users to a program that may have others already (`global run`, `zone run`, …). */
export function addUserCommands(program: Command, io: CliIo): void {
  const commands: readonly CommandSpec[] = [
    applyCommand,
    planCommand,
    importCommand,
    exportCommand,
    getCommand,
    explainCommand,
    explainKindCommand,
    deleteCommand,
    inspectPolicyCommand,
    inspectZonesCommand,
    inspectDataplanesCommand,
    ...inspectListCommands,
    ...inspectProxyCommands,
    historyCommand,
    diffCommand,
    rollbackCommand,
    statusCommand,
    watchCommand,
    ...generateCommands,
    ...configCommands,
    ...completionCommands(program),
    versionCommand,
  ];
  // What stands behind a subcommand is its own: `inspect` and `inspect dataplanes` both have a --mesh.
  program.enablePositionalOptions();
  // Names alone leave room for what they do, on 80 columns; their own help says what they take.
  program.configureHelp({ subcommandTerm: (command) => command.name() });
  for (const command of commands) addCommand(program, command, io);
}

function addCommand(program: Command, spec: CommandSpec, io: CliIo): void {
  const parent = spec.path.slice(0, -1).reduce(groupOf, program);
  const name = spec.path.at(-1) ?? "";
  const command = parent.command(spec.args === undefined ? name : `${name} ${spec.args}`, { hidden: spec.isHidden === true });
  if (spec.usageExitCode !== undefined) setUsageExitCode(command, spec.usageExitCode);
  command.description(spec.summary).showHelpAfterError("(--help shows what it takes)");
  command.enablePositionalOptions();
  const options = [...(spec.options ?? []), ...(spec.usesControlPlane ? connectionOptions : [])];
  for (const option of options) command.addOption(optionOf(option));
  if (spec.examples) command.addHelpText("after", `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join("\n")}`);
  if (spec.notes !== undefined) command.addHelpText("after", `\n${spec.notes}`);
  command.action(async () => {
    const values: OptionValues = command.opts();
    const context = { io, connect: (how?: Parameters<typeof connect>[2]) => connect(io, values, how) };
    const exitCode = await spec.run(context, command.args, values).catch((error: unknown) => {
      throw withUsageExitCode(error, spec.usageExitCode);
    });
    if (exitCode !== undefined && exitCode !== 0) failWith(exitCode);
  });
}

function groupOf(parent: Command, name: string): Command {
  const known = parent.commands.find((command) => command.name() === name);
  return known ?? parent.command(name).description(groups[name] ?? "");
}

function optionOf(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.description);
  if (spec.default !== undefined) option.default(spec.default);
  if (spec.choices) option.choices(spec.choices);
  if (spec.isRequired) option.makeOptionMandatory();
  if (spec.isRepeatable) option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  return option;
}
