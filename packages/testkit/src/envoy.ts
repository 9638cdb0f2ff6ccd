import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEnvoy } from "@meridian/dataplane";
import { waitFor } from "./wait.ts";

export interface StartEnvoyOptions {
  /** An `admin` of its own is replaced by one on a free port of 127.0.0.1. */
  readonly bootstrapYaml: string;
  /** Envoy's log level; "warning" when absent. */
  readonly logLevel?: string;
  /** Wait until Envoy says LIVE; otherwise only until its admin answers, e.g. where the control plane is not up yet. */
  readonly waitUntilLive?: boolean;
}

export interface TestEnvoy {
  readonly pid: number;
  readonly adminPort: number;
  /** Everything Envoy has logged so far. */
  log(): string;
  admin(path: string, method?: "GET" | "POST"): Promise<{ readonly status: number; readonly body: string }>;
  /** `/config_dump?include_eds` as JSON. */
  configDump(): Promise<unknown>;
  /** The value of one counter or gauge; undefined when Envoy has no such stat. */
  stat(name: string): Promise<number | undefined>;
  kill(signal: NodeJS.Signals): void;
  /** Ends Envoy and removes its files. */
  stop(): Promise<void>;
}

const ownAdmin = "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}";

/** Starts a real Envoy with a bootstrap. @throws Error with Envoy's log when it ends before it is up. */
export async function startEnvoy(options: StartEnvoyOptions): Promise<TestEnvoy> {
  const folder = await mkdtemp(join(tmpdir(), "meridian-envoy-"));
  const { configPath, addressPath } = { configPath: join(folder, "bootstrap.yaml"), addressPath: join(folder, "admin") };
  await writeFile(configPath, options.bootstrapYaml);
  const args = ["--config-path", configPath, "--config-yaml", ownAdmin, "--admin-address-path", addressPath];
  args.push("--disable-hot-restart", "--concurrency", "1", "--log-level", options.logLevel ?? "warning");
  const child = spawn(await findEnvoy(), args, { stdio: ["ignore", "pipe", "pipe"] });
  const log = collectOutput(child);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const killWithTests = (): boolean => child.kill("SIGKILL");
  process.once("exit", killWithTests);
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
    process.off("exit", killWithTests);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const adminPort = await whileAlive(child, log, () => readAdminPort(addressPath));
    const admin: TestEnvoy["admin"] = (path, method = "GET") => adminRequest(adminPort, path, method);
    if (options.waitUntilLive !== false) await whileAlive(child, log, async () => (await admin("/ready")).status === 200);
    return {
      pid: child.pid ?? 0,
      adminPort,
      log,
      admin,
      configDump: async () => JSON.parse((await admin("/config_dump?include_eds")).body) as unknown,
      stat: async (name) => readStat((await admin(`/stats?format=json&filter=${encodeURIComponent(`^${name}$`)}`)).body),
      kill: (signal) => child.kill(signal),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whether Envoy accepts a bootstrap, with what it says about it. */
export async function validateConfig(bootstrapYaml: string): Promise<{ readonly valid: boolean; readonly output: string }> {
  const folder = await mkdtemp(join(tmpdir(), "meridian-envoy-"));
  try {
    const configPath = join(folder, "bootstrap.yaml");
    await writeFile(configPath, bootstrapYaml);
    const args = ["--mode", "validate", "--config-path", configPath, "--disable-hot-restart", "--log-level", "warning"];
    const child = spawn(await findEnvoy(), args, { stdio: ["ignore", "pipe", "pipe"] });
    const output = collectOutput(child);
    const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { valid: exitCode === 0, output: output() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function collectOutput(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

async function whileAlive<T>(
  child: ChildProcess,
  log: () => string,
  condition: () => Promise<T>,
): Promise<Exclude<T, undefined>> {
  const outcome = await waitFor(
    "Envoy to come up",
    (): T | Promise<T> | "exited" => (child.exitCode === null ? condition() : "exited"),
    {
      timeoutMs: 30_000,
    },
  );
  if (outcome === "exited") throw new Error(`Envoy ended with exit code ${child.exitCode}:\n${log()}`);
  return outcome as Exclude<T, undefined>;
}

async function readAdminPort(path: string): Promise<number | undefined> {
  const port = Number((await readFile(path, "utf8")).split(":").at(-1));
  return port > 0 ? port : undefined;
}

function adminRequest(port: number, path: string, method: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, method, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on("error", reject).end();
  });
}

function readStat(body: string): number | undefined {
  const { stats } = JSON.parse(body) as { readonly stats: readonly { readonly value?: number }[] };
  return stats.find(({ value }) => value !== undefined)?.value;
}
