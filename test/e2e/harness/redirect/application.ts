import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { applicationGid, type NetworkNamespace } from "./network-namespace.ts";

const program = readFileSync(new URL("application.mjs", import.meta.url), "utf8");

/** What one request came to: an answer, or the error of the socket or of the name. */
export interface Outcome {
  readonly status?: number;
  readonly body?: string;
  readonly error?: string;
}

export interface ApplicationPlan {
  /** Where it serves; at no port when absent. */
  readonly host?: string;
  readonly ports?: readonly number[];
  /** Of another group, nothing of what it sends is redirected; `applicationGid` when absent. */
  readonly gid?: number;
}

/** A workload inside: it serves, and sends one request at a time, each on a connection of its own. */
export class Application {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>) {
    this.#child = child;
    this.#lines = lines;
  }

  /** @throws Error if it cannot listen at one of the ports; its standard error says why. */
  static async start(network: NetworkNamespace, plan: ApplicationPlan = {}): Promise<Application> {
    const { host = network.inside, ports = [], gid = applicationGid } = plan;
    const [file = "", ...launcher] = network.launcher;
    const node = [process.execPath, "--input-type=module", "-e", program, "--", host, ...ports.map(String)];
    const child = spawn(file, [...launcher, ...node], { gid, stdio: ["pipe", "pipe", "inherit"] });
    const application = new Application(child, createInterface({ input: child.stdout })[Symbol.asyncIterator]());
    await application.#line();
    return application;
  }

  async call(url: string): Promise<Outcome> {
    this.#child.stdin?.write(`${url}\n`);
    return JSON.parse(await this.#line()) as Outcome;
  }

  /** `api` for an answer of the upstream of that name, else the status or the error: what a test compares. */
  async sees(url: string): Promise<string> {
    const { status, body = "", error } = await this.call(url);
    if (error !== undefined) return error;
    return status === 200 ? (JSON.parse(body) as { readonly service: string }).service : String(status);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the application inside ended");
    return value;
  }
}
