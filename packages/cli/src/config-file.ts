import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorMessage } from "@meridian/base";
import { parse, stringify } from "yaml";
import { CommandFailure } from "./failure.ts";
import type { CliIo } from "./io.ts";

export interface ControlPlaneEntry {
  readonly name: string;
  readonly address: string;
  readonly token?: string;
  readonly caCertFile?: string;
  readonly skipVerify?: boolean;
}

export interface ConfigFile {
  /** Name of the control plane in use. */
  readonly current?: string;
  readonly controlPlanes: readonly ControlPlaneEntry[];
}

/** `MERIDIAN_CONFIG`, else `~/.meridian/config`. */
export function configPath(io: CliIo): string {
  return io.env["MERIDIAN_CONFIG"] || join(io.homeDirectory, ".meridian", "config");
}

/** An absent file is an empty config. @throws CommandFailure when it cannot be read or understood */
export async function readConfig(io: CliIo): Promise<ConfigFile> {
  const path = configPath(io);
  let content: unknown;
  try {
    content = parse(await readFile(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { controlPlanes: [] };
    throw new CommandFailure(`the config file ${path} cannot be read: ${errorMessage(error)}`, { cause: error });
  }
  const { current, controlPlanes } = (content ?? {}) as { readonly current?: unknown; readonly controlPlanes?: unknown };
  const entries: readonly unknown[] = Array.isArray(controlPlanes) ? controlPlanes : [];
  if (controlPlanes !== undefined && !(Array.isArray(controlPlanes) && entries.every(isEntry))) {
    throw new CommandFailure(`the config file ${path} is not valid: controlPlanes must be a list of {name, address}`);
  }
  return { ...(typeof current === "string" && { current }), controlPlanes: entries.filter(isEntry) };
}

function isEntry(value: unknown): value is ControlPlaneEntry {
  const { name, address } = Object(value) as Partial<ControlPlaneEntry>;
  return typeof name === "string" && typeof address === "string";
}

/** Written beside and renamed, so that a crash leaves the old file; only the user may read it, for it may hold tokens. */
export async function writeConfig(io: CliIo, config: ConfigFile): Promise<void> {
  const path = configPath(io);
  const draft = `${path}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(draft, stringify(config), { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, path);
}
