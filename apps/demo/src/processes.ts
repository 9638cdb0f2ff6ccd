import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";

export interface ProcessPlan {
  readonly name: string;
  /** Node, unless said otherwise. */
  readonly command?: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The demo's processes: each logs into a file of its own, all end together, in reverse order. */
export class Processes {
  readonly #directory: string;
  readonly #running: { readonly name: string; readonly child: ChildProcess }[] = [];
  readonly #onUnexpectedExit: (name: string, logFile: string) => void;
  #stopping = false;

  constructor(directory: string, onUnexpectedExit: (name: string, logFile: string) => void) {
    this.#directory = directory;
    this.#onUnexpectedExit = onUnexpectedExit;
    mkdirSync(directory, { recursive: true });
  }

  logFile(name: string): string {
    return join(this.#directory, `${name}.log`);
  }

  start(plan: ProcessPlan): void {
    const log = createWriteStream(this.logFile(plan.name), { flags: "a" });
    const child = spawn(plan.command ?? process.execPath, [...plan.args], {
      env: { ...process.env, ...plan.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    child.on("exit", () => {
      if (!this.#stopping) this.#onUnexpectedExit(plan.name, this.logFile(plan.name));
    });
    this.#running.push({ name: plan.name, child });
  }

  /** Asks each process to stop and waits until all are gone; what does not stop in time is killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { child } of this.#running.reverse()) await ended(child);
    this.#running.length = 0;
  }
}

const patienceMs = 8_000;

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill("SIGTERM");
  });
}
