import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { applicationGid, type NetworkNamespace } from "./network-namespace.ts";

const program = readFileSync(new URL("application.mjs", import.meta.url), "utf8");
const runFile = promisify(execFile);

/** What one request came to: an answer, or the error of the socket or of the name. */
export interface Outcome {
  readonly status?: number;
  readonly body?: string;
  readonly error?: string;
}

function command(network: NetworkNamespace, args: readonly string[]): readonly [string, readonly string[]] {
  const [file = "", ...rest] = network.launcher;
  return [file, [...rest, process.execPath, "--input-type=module", "-e", program, "--", ...args]];
}

/** One request from inside, by the application, or by somebody of another group. */
export async function callFromInside(network: NetworkNamespace, url: string, gid = applicationGid): Promise<Outcome> {
  const [file, args] = command(network, ["call", url]);
  const { stdout } = await runFile(file, args, { gid });
  return JSON.parse(stdout) as Outcome;
}

/** `api` for an answer of the upstream of that name, else the status or the error: what a test compares. */
export async function seenFromInside(network: NetworkNamespace, url: string): Promise<string> {
  const { status, body = "", error } = await callFromInside(network, url);
  if (error !== undefined) return error;
  return status === 200 ? (JSON.parse(body) as { readonly service: string }).service : String(status);
}

/** The application as a server at an address inside. @throws Error if it cannot listen at one of the ports. */
export async function serveInside(
  network: NetworkNamespace,
  host: string,
  ports: readonly number[],
): Promise<{ stop(): Promise<void> }> {
  const [file, args] = command(network, ["serve", host, ...ports.map(String)]);
  const server = spawn(file, args, { gid: applicationGid, stdio: ["ignore", "pipe", "inherit"] });
  const [listening] = await Promise.race([once(server.stdout, "data"), once(server, "exit")]);
  if (!Buffer.isBuffer(listening)) throw new Error(`the application inside ended with ${listening}`);
  return { stop: () => ended(server) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
