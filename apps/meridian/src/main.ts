import { addUserCommands, processIo, runCli } from "@meridian/cli";
import { Command } from "commander";
import { dataplaneCommand } from "./dataplane.ts";
import { migrateCommand } from "./migrate.ts";
import { runCommand } from "./run-command.ts";
import { globalSettings, zoneSettings } from "./settings.ts";
import { version } from "./version.ts";

// What runs is loaded when it runs: `meridian get` must not wait for a database driver.
const globalRun = runCommand({
  name: "run",
  description: "run a global control plane",
  settings: globalSettings,
  start: async (values, context) => (await import("./global.ts")).startGlobal(values, context),
});
const zoneRun = runCommand({
  name: "run",
  description: "run a zone control plane",
  settings: zoneSettings,
  start: async (values, context) => (await import("./zone.ts")).startZone(values, context),
});
const zoneJoin = runCommand({
  name: "join",
  description: "check that this zone can join a global, say what is wrong, and run",
  settings: zoneSettings,
  start: async (values, context) => (await import("./zone-join.ts")).joinZone(values, context),
});

const program = new Command("meridian")
  .description("A service mesh across VMs, clusters and clouds.")
  .version(version)
  .addCommand(new Command("global").description("the global control plane").addCommand(globalRun))
  .addCommand(new Command("zone").description("zone control planes").addCommand(zoneRun).addCommand(zoneJoin))
  .addCommand(dataplaneCommand())
  .addCommand(migrateCommand());
const io = processIo(version);
addUserCommands(program, io);

// What runs goes on after its command has returned; only a failure ends the process.
const exitCode = await runCli(program, process.argv.slice(2), io);
if (exitCode !== 0) process.exit(exitCode);
