import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";

export interface ProcessPlan {
  readonly name: string;
  readonly command: readonly [file: string, ...args: string[]];
  readonly logFile: string;
  readonly env: Readonly<Record<string, string>>;
}

const stopPatienceMs = 10_000;

/** One process of the product, started as a user starts it. It can be stopped, killed and started again. */
export class ManagedProcess {
  readonly plan: ProcessPlan;
  #child: ChildProcess | undefined;

  constructor(plan: ProcessPlan) {
    this.plan = plan;
  }

  get name(): string {
    return this.plan.name;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The exit code of a process that ended by itself. */
  get exitCode(): number | undefined {
    return this.#child?.exitCode ?? undefined;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** In a process group of its own: Ctrl-C in the terminal of the tests reaches the tests alone. */
  start(): void {
    if (this.isRunning) throw new Error(`${this.name} runs already`);
    const log = openSync(this.plan.logFile, "a");
    const { command, env } = this.plan;
    const [file, ...args] = command;
    this.#child = spawn(file, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", log, log],
      detached: true,
    });
    closeSync(log);
  }

  /** Asks it to stop and waits for its end. @throws when it does not stop by itself. */
  async stop(): Promise<void> {
    if (!this.isRunning || !this.#child) return;
    const child = this.#child;
    const timer = setTimeout(() => child.kill("SIGKILL"), stopPatienceMs);
    child.kill("SIGTERM");
    await once(child, "exit");
    clearTimeout(timer);
    if (child.signalCode === "SIGKILL") throw new Error(`${this.name} did not stop within ${stopPatienceMs} ms of SIGTERM`);
  }

  /** kill -9: the process gets no chance to say anything. */
  async kill(): Promise<void> {
    if (!this.isRunning || !this.#child) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  /** Stands still, as a machine that swaps or a network that drops: connections stay open and nothing answers. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  log(): string {
    try {
      return readFileSync(this.plan.logFile, "utf8");
    } catch {
      return "";
    }
  }
}
