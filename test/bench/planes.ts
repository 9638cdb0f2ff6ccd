import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What users run, with its allocator settings. */
const executable = new URL("../../../apps/meridian/bin/meridian", import.meta.url).pathname;

/** Nothing outlives the measurement, however it ends. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface PlanePorts {
  readonly api: number;
  readonly diagnostics: number;
}

/** A control plane started as users start it, from the built executable. */
export class Plane {
  readonly child: ChildProcess;
  readonly ports: PlanePorts;
  readonly logFile: string;

  constructor(args: readonly string[], ports: PlanePorts, logFile: string) {
    this.ports = ports;
    this.logFile = logFile;
    const log = openSync(logFile, "a");
    this.child = spawn(executable, [...args], { stdio: ["ignore", log, log] });
    running.add(this.child);
    this.child.once("exit", () => running.delete(this.child));
  }

  /** Waits until `/ready` says so. @throws with the end of the log when the process ends first. */
  async ready(): Promise<void> {
    const deadlineMs = Date.now() + 60_000;
    while (Date.now() < deadlineMs) {
      if (this.child.exitCode !== null)
        throw new Error(`a control plane ended:\n${readFileSync(this.logFile, "utf8").slice(-2000)}`);
      if ((await status(`http://127.0.0.1:${this.ports.diagnostics}/ready`)) === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`a control plane did not become ready:\n${readFileSync(this.logFile, "utf8").slice(-2000)}`);
  }

  /** Resident set of the process in MB (Linux). */
  memoryMb(): number {
    const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.child.pid}/status`, "utf8"));
    return Number(match?.[1] ?? 0) / 1024;
  }

  /** CPU seconds used so far, user and system (Linux, 100 ticks a second). */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.child.once("exit", () => resolve());
      this.child.kill("SIGTERM");
      setTimeout(() => this.child.kill("SIGKILL"), 5_000).unref();
    });
  }
}

export function workDirectory(): { readonly path: string; file(name: string, content: string): string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "meridian-bench-"));
  mkdirSync(path, { recursive: true });
  return {
    path,
    file: (name, content) => {
      const file = join(path, name);
      writeFileSync(file, content, { mode: 0o600 });
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

function status(url: string): Promise<number> {
  return new Promise((resolve) => {
    get(url, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on("error", () => resolve(0));
  });
}
