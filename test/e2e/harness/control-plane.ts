import { type Client, createClient } from "@meridian/client";
import { waitFor } from "@meridian/testkit";
import { AnswerCheck } from "./answer-check.ts";
import { expectReady, type HttpAnswer, type HttpCall, http } from "./http.ts";
import type { ManagedProcess } from "./managed-process.ts";
import { readMetrics } from "./metrics.ts";

/** Each process has an address of its own; not the default ports, for a control plane on this machine may hold them on 0.0.0.0. */
export const ports = {
  api: 17_681,
  kds: 17_685,
  dataPlaneServer: 17_678,
  diagnostics: 17_680,
  ingress: 17_001,
  egress: 17_002,
} as const;

/** A global or zone control plane: its process and its REST API, whose every answer is held against its OpenAPI document. */
export class ControlPlane {
  readonly process: ManagedProcess;
  readonly host: string;
  readonly client: Client;
  readonly #answers: AnswerCheck;

  /** @param report is told each answer that is not as its document says */
  constructor(process: ManagedProcess, host: string, report: (mistake: string) => void) {
    this.process = process;
    this.host = host;
    this.#answers = new AnswerCheck(this.address, report);
    this.client = createClient({ address: this.address, timeoutMs: 20_000, fetch: this.#answers.fetch });
  }

  get address(): string {
    return `http://${this.host}:${ports.api}`;
  }

  get diagnostics(): string {
    return `http://${this.host}:${ports.diagnostics}`;
  }

  async start(): Promise<void> {
    this.process.start();
    await this.ready();
  }

  /** Waits until `/ready` says so. @throws when the process ends first. */
  async ready(): Promise<void> {
    const outcome = await waitFor(`${this.process.name} to be ready`, async () => {
      if (!this.process.isRunning) return "ended";
      await expectReady(`${this.diagnostics}/ready`);
      return "ready";
    });
    if (outcome === "ended") throw new Error(`${this.process.name} ended:\n${this.process.log()}`);
    await this.#answers.ready();
  }

  /** A request to its REST API, as it is: for answers that are errors, or headers. */
  async call(path: string, call: Omit<HttpCall, "url"> = {}): Promise<HttpAnswer> {
    await this.#answers.ready();
    const answer = await http({ url: `${this.address}${path}`, ...call });
    await this.#answers.check(call.method ?? "GET", path, answer);
    return answer;
  }

  async json<T>(path: string): Promise<T> {
    return JSON.parse((await this.call(path)).body) as T;
  }

  put(path: string, document: object): Promise<HttpAnswer> {
    return this.call(path, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(document),
      timeoutMs: 20_000,
    });
  }

  metrics(): Promise<ReadonlyMap<string, number>> {
    return readMetrics(this.diagnostics);
  }
}
