import type { Command } from "commander";
import type { CommandContext, CommandSpec } from "../command.ts";
import { readConfig } from "../config-file.ts";
import { exitCodes, usageFailure } from "../failure.ts";
import { preferredName, resolveKind } from "../kind-names.ts";
import { bashScript, fishScript, zshScript } from "./completion-scripts.ts";

const scripts: Readonly<Record<string, string>> = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Commands that take a kind and a name, and how many other operands come before: `diff REV1 REV2 KIND NAME`. */
const leadingOperands: Readonly<Record<string, number>> = { get: 0, delete: 0, history: 0, watch: 0, diff: 2 };

/** The scripts only ask `meridian __complete WORDS…`, so they never fall behind the commands. */
export function completionCommands(program: Command): readonly CommandSpec[] {
  return [
    {
      path: ["completion"],
      args: "<shell>",
      summary: "print the completion script of a shell: bash, zsh or fish",
      examples: ["source <(meridian completion bash)", "meridian completion fish > ~/.config/fish/completions/meridian.fish"],
      async run({ io }, [shell = ""]) {
        const script = scripts[shell];
        if (script === undefined) throw usageFailure(`there is no completion for the shell "${shell}"`, "Known: bash, zsh, fish");
        io.stdout.write(script);
        return exitCodes.ok;
      },
    },
    {
      path: ["__complete"],
      args: "[words...]",
      summary: "print what may follow these words",
      isHidden: true,
      usesControlPlane: true,
      async run(context, words) {
        const candidates = await complete(program, context, words);
        context.io.stdout.write(candidates.map((candidate) => `${candidate}\n`).join(""));
        return exitCodes.ok;
      },
    },
  ];
}

/** @param words what was typed; the last one is being typed, and may be empty. */
async function complete(program: Command, context: CommandContext, words: readonly string[]): Promise<readonly string[]> {
  const typing = words.at(-1) ?? "";
  let command = program;
  const operands: string[] = [];
  for (const word of words.slice(0, -1)) {
    const next = operands.length === 0 ? command.commands.find((candidate) => candidate.name() === word) : undefined;
    if (next) command = next;
    else if (!word.startsWith("-")) operands.push(word);
  }
  const candidates = typing.startsWith("-") ? optionsOf(command) : await operandsOf(command, context, operands);
  return candidates.filter((candidate) => candidate.startsWith(typing));
}

function optionsOf(command: Command): readonly string[] {
  return command.options.filter((option) => !option.hidden).flatMap((option) => option.long ?? []);
}

async function operandsOf(command: Command, context: CommandContext, operands: readonly string[]): Promise<readonly string[]> {
  const visible = command.commands.map((candidate) => candidate.name()).filter((name) => !name.startsWith("_"));
  if (visible.length > 0) return visible;
  if (command.name() === "completion") return Object.keys(scripts);
  if (command.name() === "switch" || command.name() === "remove")
    return (await readConfig(context.io)).controlPlanes.map(({ name }) => name);
  const before = leadingOperands[command.name()];
  if (before === undefined || operands.length < before) return [];
  // A shell that completes must not show errors: an absent control plane completes nothing.
  return operandsFromControlPlane(context, operands.slice(before)).catch(() => []);
}

async function operandsFromControlPlane({ connect }: CommandContext, [kindName]: readonly string[]): Promise<readonly string[]> {
  const client = await connect();
  if (kindName === undefined) return (await client.kinds()).map(preferredName);
  const kind = await resolveKind(client, kindName);
  return (await client.list({ path: kind.path }, { size: 1000 })).items.map(({ name }) => name);
}
