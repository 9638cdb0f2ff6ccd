import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { ensureBuilt, executable } from "./executable.ts";
import { ManagedProcess } from "./managed-process.ts";
import { claimNetwork, type Network } from "./network.ts";

/** In the environment of every process that a test starts, and so of their children: who belongs to which test. */
const marker = "MERIDIAN_E2E_WORLD";
const tailLines = 60;

/** A command that runs the one behind it in its own place: another network, another user. */
export type Launcher = readonly string[];

interface Closeable {
  stop(): Promise<unknown>;
}

/** What one test file owns: addresses, a directory, processes. All of it is gone when the file ends. */
export class World {
  readonly #processes: ManagedProcess[] = [];
  readonly #others: Closeable[] = [];
  readonly #mistakes: string[] = [];
  #network: Network | undefined;
  #directory = "";

  async open(): Promise<void> {
    ensureBuilt();
    this.#network = await claimNetwork();
    // Short: sockets in it must fit into 108 bytes.
    this.#directory = mkdtempSync(join(tmpdir(), "meridian-e2e-"));
    mkdirSync(join(this.#directory, "logs"));
  }

  get network(): Network {
    if (!this.#network) throw new Error("the world is not open yet");
    return this.#network;
  }

  get directory(): string {
    return this.#directory;
  }

  /** A file of this world; a name that was used before is written anew. */
  file(name: string, content: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  /** A process of the product that has not been started yet. */
  process(
    name: string,
    args: readonly string[],
    { env = {}, launcher = [] }: { readonly env?: Readonly<Record<string, string>>; readonly launcher?: Launcher } = {},
  ): ManagedProcess {
    const [file, ...rest] = [...launcher, ...executable, ...args];
    const managed = new ManagedProcess({
      name,
      command: [file ?? "", ...rest],
      logFile: join(this.#directory, "logs", `${name}.log`),
      env: { MERIDIAN_CONFIG: join(this.#directory, "cli.yaml"), ...env, [marker]: this.#directory },
    });
    this.#processes.push(managed);
    return managed;
  }

  /** Every process that was planned, oldest first. */
  get processes(): readonly ManagedProcess[] {
    return this.#processes;
  }

  /** Something else that ends with this world. */
  own<T extends Closeable>(closeable: T): T {
    this.#others.push(closeable);
    return closeable;
  }

  /** Something that no test of this file may pass with, wherever it came up. */
  readonly report = (mistake: string): void => void this.#mistakes.push(mistake);

  /** What was reported since the last call. */
  reported(): readonly string[] {
    return this.#mistakes.splice(0);
  }

  /** Ends of the logs of every process, oldest process first. */
  logs(): string {
    return this.#processes
      .map((managed) => `──── ${managed.name}\n${managed.log().trimEnd().split("\n").slice(-tailLines).join("\n")}`)
      .join("\n");
  }

  /** Processes of this world that run, by command line. Empty after a clean stop of everything. */
  running(): readonly string[] {
    return [...runningWith(`${marker}=${this.#directory}`).values()];
  }

  async close(): Promise<void> {
    for (const other of this.#others.splice(0).reverse()) await other.stop();
    await Promise.all(this.#processes.map((managed) => managed.kill()));
    // Envoys end with their supervisor where the kernel can do that; elsewhere they are ended here.
    if (this.#directory) for (const pid of runningWith(`${marker}=${this.#directory}`).keys()) process.kill(pid, "SIGKILL");
    await this.#network?.release();
    if (this.#directory) rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The world of a test file: opened before its tests, closed after them; a failure prints what every process logged. */
export function useWorld(): World {
  const world = new World();
  beforeAll(() => world.open());
  afterEach(() => expect(world.reported(), "answers that are not as the OpenAPI document says").toEqual([]));
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know which fixtures are wanted.
  afterAll(async ({}, suite) => {
    const failed = suite.result?.state === "fail" || suite.tasks.some((task) => task.result?.state === "fail");
    if (failed) process.stderr.write(`${world.logs()}\n`);
    await world.close();
  });
  return world;
}

/** Processes whose environment holds the text: pid → command line (Linux). */
function runningWith(environment: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(environment)) continue;
      found.set(pid, readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim());
    } catch {
      // It ended meanwhile, or belongs to somebody else.
    }
  }
  return found;
}
