import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addUserCommands } from "../program.ts";
import { runCli } from "../run.ts";

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestTerminal {
  readonly folder: string;
  run(...argv: readonly string[]): Promise<Outcome>;
  /** As `run`, with other parts of `io`. */
  runWith(io: Partial<CliIo>, ...argv: readonly string[]): Promise<Outcome>;
  write(name: string, content: string): Promise<string>;
  remove(): Promise<void>;
}

/** A user with a home folder of their own, who talks to the control plane at `address`. */
export async function openTerminal(address: string): Promise<TestTerminal> {
  const folder = await mkdtemp(join(tmpdir(), "meridian-cli-"));
  async function runWith(overrides: Partial<CliIo>, ...argv: readonly string[]): Promise<Outcome> {
    let stdout = "";
    let stderr = "";
    const io: CliIo = {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      stdin: async () => "",
      env: { MERIDIAN_CONTROL_PLANE: address },
      fetch: globalThis.fetch,
      isTty: false,
      homeDirectory: folder,
      version: "0.1.0",
      now: () => performance.now(),
      ...overrides,
    };
    const program = new Command("meridian");
    addUserCommands(program, io);
    const exitCode = await runCli(program, argv, io);
    return { exitCode, stdout, stderr };
  }
  return {
    folder,
    runWith,
    run: (...argv) => runWith({}, ...argv),
    async write(name, content) {
      const path = join(folder, name);
      await writeFile(path, content);
      return path;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
