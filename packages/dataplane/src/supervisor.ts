import { Backoff, delay, errorMessage, type Logger } from "@meridian/base";
import { type EnvoyProcess, type EnvoyProcessOptions, findLauncher, startEnvoyProcess } from "./envoy-process.ts";
import { removeRecord, writeRecord } from "./process-record.ts";

export interface SupervisorOptions {
  readonly envoy: EnvoyProcessOptions;
  /** File that names the running Envoy for a later supervisor. */
  readonly recordPath: string;
  readonly logger: Logger;
}

/** An Envoy that ran this long was healthy: the next crash is a new one. */
const healthyMs = 30_000;
const stopGraceMs = 5_000;

/** Keeps one Envoy running: starts it again, with back-off, whenever it ends by itself. */
export class EnvoySupervisor {
  readonly #options: SupervisorOptions;
  readonly #abort = new AbortController();
  #process: EnvoyProcess | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Resolves when the supervision ends, which only `stop` makes it do. */
  async finished(): Promise<void> {
    await this.#loop;
  }

  /** Ends Envoy: asks, then kills. */
  async stop(): Promise<void> {
    this.#abort.abort();
    const running = this.#process;
    if (running) {
      running.kill("SIGTERM");
      const timer = setTimeout(() => running.kill("SIGKILL"), stopGraceMs);
      await running.exited;
      clearTimeout(timer);
    }
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { logger } = this.#options;
    const launcher = await findLauncher();
    const backoff = new Backoff({ initialMs: 100, maxMs: 10_000 });
    while (!this.#abort.signal.aborted) {
      const startedMs = performance.now();
      const outcome = await this.#runOnce(launcher).catch((error: unknown) => ({ reason: errorMessage(error) }));
      if (this.#abort.signal.aborted) return;
      if (performance.now() - startedMs > healthyMs) backoff.reset();
      const restartInMs = backoff.nextDelayMs();
      logger.error({ ...outcome, restartInMs }, "Envoy ended; starting it again");
      await delay(restartInMs, this.#abort.signal);
    }
  }

  async #runOnce(launcher: readonly string[]): Promise<object> {
    const { envoy, recordPath, logger } = this.#options;
    this.#process = await startEnvoyProcess(envoy, launcher);
    // Stopped while it was being started.
    if (this.#abort.signal.aborted) this.#process.kill("SIGKILL");
    await writeRecord(recordPath, this.#process.pid);
    logger.info({ pid: this.#process.pid }, "Envoy started");
    const exit = await this.#process.exited;
    this.#process = undefined;
    await removeRecord(recordPath);
    return exit;
  }
}
