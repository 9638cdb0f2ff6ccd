import type { Client, ResourceKindAnswer } from "@meridian/client";
import type { Command, Option } from "commander";
import type { CommandContext, CommandSpec } from "../command.ts";
import { readConfig } from "../config-file.ts";
import { exitCodes, usageFailure } from "../failure.ts";
import { preferredName, resolveKind } from "../kind-names.ts";
import { bashScript, fishScript, zshScript } from "./completion-scripts.ts";
import { builtInKinds } from "./explain-kind.ts";

const scripts: Readonly<Record<string, string>> = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Commands that take a kind and a name, and how many other operands come before: `diff REV1 REV2 KIND NAME`. */
const leadingOperands: Readonly<Record<string, number>> = { get: 0, delete: 0, history: 0, watch: 0, inspect: 0, diff: 2 };
/** Commands of a group whose only operand is a name of this kind. */
const namedKinds: Readonly<Record<string, string>> = {
  dataplane: "dataplanes",
  zoneingress: "zoneingresses",
  zoneegress: "zoneegresses",
};
/** Somebody waits with a finger on the tab key. */
const timeoutMs = 1_000;

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
  const line = readLine(program, words.slice(0, -1));
  const candidates = line.option
    ? await valuesOf(line.option, context)
    : typing.startsWith("-")
      ? optionsOf(line.command)
      : await operandsOf(line, context);
  return candidates.filter((candidate) => candidate.startsWith(typing));
}

/** What was typed so far, taken apart. */
interface Line {
  readonly command: Command;
  readonly operands: readonly string[];
  /** The option whose value comes next. */
  readonly option: Option | undefined;
  /** Value of `--mesh`. */
  readonly mesh: string | undefined;
  /** `--all-meshes` */
  readonly isOverAll: boolean;
}

function readLine(program: Command, words: readonly string[]): Line {
  let command = program;
  let option: Option | undefined;
  let mesh: string | undefined;
  let isOverAll = false;
  const operands: string[] = [];
  for (const word of words) {
    if (option) {
      if (option.long === "--mesh") mesh = word;
      option = undefined;
    } else if (word.startsWith("-")) {
      const known = command.options.find(({ long, short }) => word === long || word === short);
      isOverAll ||= known?.long === "--all-meshes";
      option = known?.required || known?.optional ? known : undefined;
    } else {
      const next = operands.length === 0 ? command.commands.find((candidate) => candidate.name() === word) : undefined;
      if (next) command = next;
      else operands.push(word);
    }
  }
  return { command, operands, option, mesh, isOverAll };
}

function optionsOf(command: Command): readonly string[] {
  return command.options.filter((option) => !option.hidden).flatMap((option) => option.long ?? []);
}

/** Nothing where only the user knows: the shell offers files then. */
async function valuesOf(option: Option, context: CommandContext): Promise<readonly string[]> {
  if (option.argChoices) return option.argChoices;
  if (option.long === "--mesh") return askControlPlane(context, (client) => namesOf(client, { path: "meshes" }));
  if (option.long === "--zone") return askControlPlane(context, (client) => namesOf(client, { path: "zones" }));
  if (option.long === "--control-plane") return controlPlaneNames(context);
  return [];
}

async function operandsOf({ command, operands, mesh, isOverAll }: Line, context: CommandContext): Promise<readonly string[]> {
  const visible = command.commands.map((candidate) => candidate.name()).filter((name) => !name.startsWith("_"));
  const name = command.name();
  const before = leadingOperands[name];
  if (visible.length > 0 && operands.length === 0 && before === undefined) return visible;
  if (name === "completion") return Object.keys(scripts);
  if (name === "switch" || name === "remove") return controlPlaneNames(context);
  if (name === "explain-kind") return operands.length > 0 ? [] : (await builtInKinds()).map(({ kind }) => kind);
  const place = { mesh: mesh ?? "default", isOverAll };
  if (name === "explain") return operands.length > 1 ? [] : askControlPlane(context, (client) => servicesOf(client, place.mesh));
  const named = operands.length === 0 ? namedKinds[name] : undefined;
  if (named !== undefined) return askControlPlane(context, (client) => namesOfKind(client, named, place));
  if (before === undefined || operands.length < before) return visible;
  const [kindName, ...others] = operands.slice(before);
  if (others.length > 0) return [];
  if (kindName !== undefined) return askControlPlane(context, (client) => namesOfKind(client, kindName, place));
  const isOffered = (kind: ResourceKindAnswer): boolean => name !== "inspect" || kind.policy !== undefined;
  const kinds = await askControlPlane(context, async (client) => (await client.kinds()).filter(isOffered).map(preferredName));
  return [...visible, ...kinds, ...(name === "get" ? ["all"] : [])];
}

interface Place {
  readonly mesh: string;
  readonly isOverAll: boolean;
}

async function namesOfKind(client: Client, typed: string, { mesh, isOverAll }: Place): Promise<readonly string[]> {
  const kind = await resolveKind(client, typed);
  return namesOf(client, { path: kind.path, ...(kind.scope === "Mesh" && !isOverAll && { mesh }) });
}

/** What a request may come from or go to, as people call it. */
async function servicesOf(client: Client, mesh: string): Promise<readonly string[]> {
  return namesOf(client, { path: "service-insights", mesh });
}

async function namesOf(client: Client, at: { readonly path: string; readonly mesh?: string }): Promise<readonly string[]> {
  return (await client.list(at, { size: 1000 })).items.map(({ name }) => name);
}

/** A shell that completes must neither wait nor show errors: an absent control plane completes nothing. */
async function askControlPlane(
  { connect }: CommandContext,
  ask: (client: Client) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    return await ask(await connect({ timeoutMs }));
  } catch {
    return [];
  }
}

async function controlPlaneNames({ io }: CommandContext): Promise<readonly string[]> {
  return (await readConfig(io)).controlPlanes.map(({ name }) => name);
}
