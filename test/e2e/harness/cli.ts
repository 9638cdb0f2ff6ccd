import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { executable } from "./executable.ts";
import type { World } from "./world.ts";

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command of the executable to its end, against the control plane at `address`. */
export async function meridian(
  world: World,
  { address, args, input = "" }: { readonly address: string; readonly args: readonly string[]; readonly input?: string },
): Promise<CommandResult> {
  const [file, ...first] = executable;
  const child = spawn(file, [...first, ...args], {
    env: { ...process.env, MERIDIAN_CONTROL_PLANE: address, MERIDIAN_CONFIG: `${world.directory}/cli.yaml` },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  const exited = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? -1)));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { exitCode, stdout, stderr };
}
