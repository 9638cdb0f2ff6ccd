import { type ChildProcess, fork } from "node:child_process";
import type { LoadCommand, LoadReport } from "./loadgen.ts";

type WithoutId<T> = T extends { readonly id: number } ? Omit<T, "id"> : never;

/** The parent's end of the load generator process. */
export class Fleet {
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, { resolve: (report: LoadReport) => void; reject: (error: Error) => void }>();
  #nextId = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (report: LoadReport) => this.#take(report));
    child.on("exit", (code) => {
      for (const { reject } of this.#answers.values()) reject(new Error(`the load generator ended with code ${code}`));
    });
  }

  static start(): Promise<Fleet> {
    const child = fork(new URL("./loadgen.js", import.meta.url), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    return new Promise((resolve, reject) => {
      child.once("message", () => resolve(new Fleet(child)));
      child.once("error", reject);
    });
  }

  send(command: WithoutId<LoadCommand>): Promise<LoadReport> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#child.send({ ...command, id });
    });
  }

  stop(): void {
    this.#answers.clear();
    this.#child.kill();
  }

  #take(report: LoadReport): void {
    const waiting = this.#answers.get(report.id);
    this.#answers.delete(report.id);
    if (report.error) waiting?.reject(new Error(report.error));
    else waiting?.resolve(report);
  }
}
