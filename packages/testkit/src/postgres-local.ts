import { type ChildProcess, type ExecFileSyncOptions, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chown, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pg from "pg";
import { freePorts } from "./ports.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import type { TestPostgres } from "./test-postgres.ts";

const startTimeoutMs = 30_000;

/** Whom the server runs as: Postgres refuses root, so root lends it the account that its package made. */
interface ServerAccount {
  readonly uid?: number;
  readonly gid?: number;
}

/** A server of its own on a free port of 127.0.0.1, with fsync on: tests of durability and of write rates run on it. */
export async function startLocalPostgres(binaries: PostgresBinaries): Promise<TestPostgres> {
  const account = serverAccount();
  const root = await mkdtemp(join(tmpdir(), "meridian-postgres-"));
  if (account.uid !== undefined && account.gid !== undefined) await chown(root, account.uid, account.gid);
  const directory = join(root, "data");
  await copyTemplate(binaries, account, directory);
  const [port] = await freePorts(1);
  const url = `postgres://meridian:meridian@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | undefined;

  async function bringUp(): Promise<void> {
    const settings = ["-c", "fsync=on", "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${root}`];
    server = spawn(binaries.postgres, ["-D", directory, "-p", String(port), ...settings], {
      ...account,
      cwd: root,
      stdio: ["ignore", "ignore", "pipe"],
    });
    await untilReady(server, url);
  }
  async function shutDown(): Promise<void> {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = once(running, "exit");
    // SIGINT is the fast shutdown: sessions are aborted, data are written (postgres manual, "Shutting Down the Server").
    running.kill("SIGINT");
    await ended;
  }
  /** The test process ends without `stop`: no server may stay behind. */
  const killOnExit = (): void => void server?.kill("SIGQUIT");
  process.once("exit", killOnExit);

  await bringUp();
  return {
    url,
    bringUp,
    shutDown,
    async restart() {
      await shutDown();
      await bringUp();
    },
    pause: () => signalAll(server?.pid, "SIGSTOP"),
    resume: () => signalAll(server?.pid, "SIGCONT"),
    async stop() {
      process.removeListener("exit", killOnExit);
      await shutDown();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function serverAccount(): ServerAccount {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" })));
  return { uid: uid ?? Number.NaN, gid: gid ?? Number.NaN };
}

/** initdb takes seconds, a copy of what it made does not: the first run on a machine leaves a template in the temp folder. */
async function copyTemplate(binaries: PostgresBinaries, account: ServerAccount, directory: string): Promise<void> {
  const version = execFileSync(binaries.postgres, ["--version"], { encoding: "utf8" }).replaceAll(/[^0-9.]+/g, "-");
  const owner = account.uid ?? process.getuid?.() ?? 0;
  const template = join(tmpdir(), `meridian-postgres-template${version}${owner}`);
  if ((await stat(template).catch(() => undefined))?.uid !== owner) await makeTemplate(binaries, account, directory, template);
  execFileSync("cp", ["-a", template, directory]);
}

/** In `directory` first, then moved: another process either sees a whole template or none. */
async function makeTemplate(
  binaries: PostgresBinaries,
  account: ServerAccount,
  directory: string,
  template: string,
): Promise<void> {
  const building = `${directory}.building`;
  const options = ["-D", building, "-U", "meridian", "--auth=trust", "--encoding=UTF8"];
  try {
    // A collation that is not byte order, as many production servers have it: what must not depend on it then shows.
    execFileSync(
      binaries.initdb,
      [...options, "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"],
      quiet(account, directory),
    );
  } catch {
    await rm(building, { recursive: true, force: true });
    execFileSync(binaries.initdb, [...options, "--no-locale"], quiet(account, directory));
  }
  try {
    await rename(building, template);
  } catch {
    // Another process was faster.
    await rm(building, { recursive: true, force: true });
  }
}

function quiet(account: ServerAccount, directory: string): ExecFileSyncOptions {
  return { ...account, cwd: dirname(directory), stdio: ["ignore", "ignore", "pipe"] };
}

/** Waits for the server to take a session. @throws Error with the end of its log when it ends or does not. */
async function untilReady(server: ChildProcess, url: string): Promise<void> {
  let log = "";
  server.stderr?.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000);
  });
  const deadlineMs = Date.now() + startTimeoutMs;
  for (;;) {
    if (await connects(url)) return;
    if (server.exitCode !== null || Date.now() > deadlineMs) {
      server.kill("SIGQUIT");
      throw new Error(`postgres did not start:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function connects(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The server is one process a session, each in a process group of its own; Linux lists the children. */
function signalAll(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  for (const each of [pid, ...children]) process.kill(each, signal);
}
