import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errorMessage } from "@meridian/base";
import { createClient } from "@meridian/client";
import type { CommandContext, CommandSpec, OptionValues } from "../command.ts";
import { textOption } from "../command.ts";
import { type ConfigFile, type ControlPlaneEntry, configPath, readConfig, writeConfig } from "../config-file.ts";
import { parseAddress } from "../connection.ts";
import { CommandFailure, exitCodes, usageFailure } from "../failure.ts";
import { outputOption, renderJson, renderYaml } from "../output/format.ts";
import { styleOf } from "../output/style.ts";
import { renderTable } from "../output/table.ts";

const path = (verb: string): readonly string[] => ["config", "control-planes", verb];

/** The control planes that this user works with, in `~/.meridian/config`. */
export const configCommands: readonly CommandSpec[] = [
  {
    path: path("add"),
    args: "[name] [address]",
    summary: "remember a control plane and use it from now on",
    options: [
      { flags: "--name <name>", description: "what to call it" },
      { flags: "--address <url>", description: "its API, such as http://localhost:5681" },
      { flags: "--token-file <file>", description: "file with a user token; its content is kept in the config file" },
      { flags: "--ca-cert-file <file>", description: "PEM of the CA that signed its certificate" },
      { flags: "--skip-verify", description: "trust any certificate: for tests only" },
      { flags: "--skip-check", description: "do not ask it who it is" },
      { flags: "--overwrite", description: "replace the one of this name" },
    ],
    examples: ["meridian config control-planes add --name prod --address https://cp.example.com:5682 --token-file token"],
    run: add,
  },
  {
    path: path("list"),
    summary: "list the control planes that are remembered",
    options: [outputOption("table", "yaml", "json", "name")],
    run: list,
  },
  { path: path("switch"), args: "<name>", summary: "use another control plane from now on", run: switchTo },
  { path: path("remove"), args: "<name>", summary: "forget a control plane", run: remove },
];

async function add({ io }: CommandContext, args: readonly string[], options: OptionValues): Promise<number> {
  const name = textOption(options, "name") ?? args[0];
  const address = textOption(options, "address") ?? args[1];
  if (!name || !address)
    throw usageFailure("a name and an address are needed", "For instance: --name local --address http://localhost:5681");
  const config = await readConfig(io);
  if (config.controlPlanes.some((known) => known.name === name) && options["overwrite"] !== true) {
    throw usageFailure(`the config file already has a control plane "${name}"`, "Choose another name, or pass --overwrite");
  }
  const entry = await entryOf(name, address, options);
  if (options["skipCheck"] !== true) await check(io, entry);
  const others = config.controlPlanes.filter((known) => known.name !== name);
  await writeConfig(io, { current: name, controlPlanes: [...others, entry] });
  io.stdout.write(`${name} (${entry.address}) is added to ${configPath(io)} and in use\n`);
  return exitCodes.ok;
}

async function entryOf(name: string, address: string, options: OptionValues): Promise<ControlPlaneEntry> {
  const tokenFile = textOption(options, "tokenFile");
  const caCertFile = textOption(options, "caCertFile");
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  return {
    name,
    address: parseAddress(address),
    ...(token !== undefined && { token }),
    ...(caCertFile !== undefined && { caCertFile: resolve(caCertFile) }),
    ...(options["skipVerify"] === true && { skipVerify: true }),
  };
}

async function readToken(file: string): Promise<string> {
  const token = await readFile(file, "utf8").catch((error: unknown) => {
    throw usageFailure(`the token file cannot be read: ${errorMessage(error)}`);
  });
  return token.trim();
}

/** Asks who is there and, with a token, whether it is taken. */
async function check(io: CommandContext["io"], entry: ControlPlaneEntry): Promise<void> {
  const { address, token, caCertFile, skipVerify } = entry;
  const client = createClient({
    address,
    fetch: io.fetch,
    ...(token !== undefined && { token }),
    ...(caCertFile !== undefined && { caCert: await readFile(caCertFile, "utf8") }),
    ...(skipVerify && { skipVerify }),
    timeoutMs: 10_000,
  });
  const { product } = await client.index();
  if (!product) throw new CommandFailure(`${address} is no control plane`, { hint: "Pass --skip-check to add it anyway" });
  if (token !== undefined) await client.whoAmI();
}

async function list({ io }: CommandContext, _args: readonly string[], options: OptionValues): Promise<number> {
  const { current, controlPlanes } = await readConfig(io);
  const output = textOption(options, "output") ?? "table";
  if (output !== "table") {
    // Tokens stay in the file.
    const known = controlPlanes.map(({ token: _token, ...entry }) => ({ ...entry, isCurrent: entry.name === current }));
    if (output === "name") for (const { name } of known) io.stdout.write(`${name}\n`);
    else io.stdout.write(output === "json" ? renderJson(known) : renderYaml(known));
    return exitCodes.ok;
  }
  if (controlPlanes.length === 0) {
    io.stderr.write(
      "No control plane is remembered; http://localhost:5681 is used. Add one: meridian config control-planes add\n",
    );
    return exitCodes.ok;
  }
  const rows = controlPlanes.map(({ name, address }) => [name === current ? "*" : "", name, address]);
  io.stdout.write(renderTable(["IN USE", "NAME", "ADDRESS"], rows, styleOf(io)));
  return exitCodes.ok;
}

async function switchTo({ io }: CommandContext, [name = ""]: readonly string[]): Promise<number> {
  const config = await readConfig(io);
  assertKnown(config, name);
  await writeConfig(io, { ...config, current: name });
  io.stdout.write(`${name} is in use\n`);
  return exitCodes.ok;
}

async function remove({ io }: CommandContext, [name = ""]: readonly string[]): Promise<number> {
  const config = await readConfig(io);
  assertKnown(config, name);
  const { current, controlPlanes } = config;
  const rest = controlPlanes.filter((known) => known.name !== name);
  await writeConfig(io, { ...(current !== undefined && current !== name && { current }), controlPlanes: rest });
  io.stdout.write(`${name} is removed${current === name ? "; http://localhost:5681 is used now" : ""}\n`);
  return exitCodes.ok;
}

function assertKnown(config: ConfigFile, name: string): void {
  const known = config.controlPlanes.map((entry) => entry.name);
  if (!known.includes(name))
    throw usageFailure(`the config file knows no control plane "${name}" (known: ${known.join(", ") || "none"})`);
}
