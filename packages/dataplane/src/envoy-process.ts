import { type ChildProcess, spawn } from "node:child_process";
import { type Logger, MeridianError } from "@meridian/base";
import { runCommand } from "./command.ts";
import { envoyLogFormat, forwardEnvoyLog } from "./envoy-log.ts";
import { defaultDrainTimeMs } from "./options.ts";

export interface EnvoyProcessOptions {
  readonly envoyPath: string;
  readonly configPath: string;
  readonly logLevel: string;
  readonly concurrency?: number;
  /** How long connections may finish after the stop signal. */
  readonly drainTimeMs: number;
  readonly logger: Logger;
}

export interface EnvoyExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface EnvoyProcess {
  readonly pid: number;
  readonly exited: Promise<EnvoyExit>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Starts Envoy in a process group of its own: Ctrl-C in a terminal goes to the supervisor alone, which drains first.
 * @param launcher a command that starts Envoy so that it ends with its parent; see `findLauncher`.
 */
export async function startEnvoyProcess(options: EnvoyProcessOptions, launcher: readonly string[]): Promise<EnvoyProcess> {
  const [file = options.envoyPath, ...args] = [...launcher, options.envoyPath, ...envoyArguments(options)];
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const exited = new Promise<EnvoyExit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  await started(child);
  for (const output of [child.stdout, child.stderr]) if (output) forwardEnvoyLog(output, options.logger);
  return { pid: child.pid ?? 0, exited, kill: (signal) => void child.kill(signal) };
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) =>
      reject(new MeridianError("ENVOY_START", `Envoy cannot be started: ${error.message}`, { cause: error })),
    );
  });
}

/** Who follows an access log should not wait for Envoy's own 10 s. */
const flushIntervalMs = 1_000;

/**
 * Envoy takes one time for two things: also connections of a listener that changed are cut when it is over. How soon a data plane shall
 * stop says nothing about how long requests take, so these have the default, at least.
 */
const leastDrainMs = defaultDrainTimeMs;

/** The peer's arguments (dataplane-protocol.md section 3). */
export function envoyArguments(options: Omit<EnvoyProcessOptions, "logger">): string[] {
  const drainSeconds = Math.ceil(Math.max(leastDrainMs, options.drainTimeMs) / 1_000);
  return [
    ...["--config-path", options.configPath],
    ...["--drain-time-s", String(drainSeconds), "--drain-strategy", "immediate"],
    ...["--disable-hot-restart", "--log-level", options.logLevel, "--log-format", envoyLogFormat],
    ...["--file-flush-interval-msec", String(flushIntervalMs)],
    ...(options.concurrency === undefined ? ["--cpuset-threads"] : ["--concurrency", String(options.concurrency)]),
  ];
}

/**
 * `setpriv --pdeathsig` of util-linux, where there is one: the kernel ends Envoy when its supervisor is killed. Elsewhere the next
 * supervisor does it (`take-over.ts`).
 */
export async function findLauncher(): Promise<readonly string[]> {
  const launcher = ["--pdeathsig", "KILL", "--"];
  const probe = await runCommand("setpriv", [...launcher, "true"], { timeoutMs: 5_000 }).catch(() => undefined);
  return probe?.exitCode === 0 ? ["setpriv", ...launcher] : [];
}

/** `1.40.0` and the build line of an Envoy. */
export async function readEnvoyVersion(envoyPath: string): Promise<{ readonly version: string; readonly build: string }> {
  const { stdout } = await runCommand(envoyPath, ["--version"], { timeoutMs: 10_000 });
  const build = /version:\s*(\S+)/.exec(stdout)?.[1] ?? "";
  return { version: build.split("/")[1] ?? "unknown", build };
}
