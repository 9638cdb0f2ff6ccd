import { constants, open } from "node:fs";
import { rm } from "node:fs/promises";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { errorMessage, type Logger } from "@meridian/base";
import { parseForwardedLine } from "./access-log-line.ts";
import { runCommand } from "./command.ts";
import { LogSink } from "./log-sink.ts";

/**
 * Sends access logs on over TCP, which Envoy itself cannot: it writes them to a pipe, each line with its address, and here they are
 * read and forwarded (dataplane-protocol.md section 5, `feature-tcp-accesslog-via-named-pipe`).
 */
export class AccessLogPipe {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #sinks = new Map<string, LogSink>();
  #socket: Socket | undefined;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** Makes the pipe, before Envoy would make a file of it. False where the host cannot: such logs are then not offered. */
  async start(): Promise<boolean> {
    try {
      await rm(this.#path, { force: true });
      const made = await runCommand("mkfifo", ["-m", "600", this.#path], { timeoutMs: 5_000 });
      if (made.exitCode !== 0) throw new Error(made.stderr.trim());
      await this.#read();
      return true;
    } catch (error) {
      this.#logger.warn({ reason: errorMessage(error) }, "access logs cannot be sent over TCP: there is no pipe for them");
      return false;
    }
  }

  async stop(): Promise<void> {
    this.#socket?.destroy();
    await Promise.all([...this.#sinks.values()].map((sink) => sink.stop()));
    await rm(this.#path, { force: true });
  }

  /** Open for writing, too: the pipe then has no end when an Envoy closes it. */
  async #read(): Promise<void> {
    const fd = await promisify(open)(this.#path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#socket = new Socket({ fd, readable: true, writable: false });
    createInterface({ input: this.#socket }).on("line", (line) => this.#forward(line));
  }

  #forward(line: string): void {
    const forwarded = parseForwardedLine(line);
    if (!forwarded) return;
    const { address, text } = forwarded;
    let sink = this.#sinks.get(address);
    if (!sink) {
      sink = new LogSink(address, this.#logger);
      this.#sinks.set(address, sink);
    }
    sink.write(text);
  }
}
