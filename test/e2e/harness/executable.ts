import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

const launcher = process.env["MERIDIAN_EXECUTABLE"] ?? `${repository}apps/meridian/bin/meridian`;

/** What a user runs, before its arguments. `MERIDIAN_EXECUTABLE` names another build: a launcher, or a script for node. */
export const executable: readonly [file: string, ...args: string[]] = launcher.endsWith(".js")
  ? [process.execPath, launcher]
  : [launcher];

/** Builds the executable when its sources changed since; `npm test` has done so already. */
export function ensureBuilt(): void {
  if (process.env["MERIDIAN_EXECUTABLE"]) return;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/setup.mjs"], { cwd: repository, encoding: "utf8" });
  if (status !== 0) throw new Error(`the executable cannot be built:\n${stdout}${stderr}`);
}
