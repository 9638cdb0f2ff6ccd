import { connect, type Socket } from "node:net";
import { Backoff, delay, type Logger } from "@meridian/base";

/** What waits for a collector that is away; more than this is dropped, oldest first. */
const maxQueueBytes = 4 * 1024 * 1024;
const connectTimeoutMs = 10_000;

/** One collector of access logs. Lines wait while it is away, and the oldest are dropped when too many do: logs must not fill memory. */
export class LogSink {
  readonly #address: string;
  readonly #logger: Logger;
  readonly #abort = new AbortController();
  #queue: string[] = [];
  #queuedBytes = 0;
  #dropped = 0;
  #socket: Socket | undefined;
  #connecting: Promise<void> | undefined;

  /** @param address host:port; IPv6 in brackets. */
  constructor(address: string, logger: Logger) {
    this.#address = address;
    this.#logger = logger;
  }

  write(text: string): void {
    if (this.#socket && !this.#socket.writableNeedDrain) {
      this.#socket.write(text);
      return;
    }
    this.#queue.push(text);
    this.#queuedBytes += text.length;
    while (this.#queuedBytes > maxQueueBytes) {
      this.#queuedBytes -= this.#queue.shift()?.length ?? 0;
      this.#dropped += 1;
    }
    this.#ensureConnection();
  }

  /** What was handed to the connection still goes out; what waits for one does not. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#socket?.destroySoon();
    await this.#connecting;
  }

  #ensureConnection(): void {
    if (!this.#socket) this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
  }

  /** Until there is a connection. */
  async #connect(): Promise<void> {
    const backoff = new Backoff({ initialMs: 100, maxMs: 10_000 });
    let isReported = false;
    while (!this.#abort.signal.aborted) {
      const socket = await this.#tryConnect();
      if (socket) return this.#use(socket);
      if (!isReported) this.#logger.warn({ collector: this.#address }, "access logs wait: their collector does not answer");
      isReported = true;
      await delay(backoff.nextDelayMs(), this.#abort.signal);
    }
  }

  #tryConnect(): Promise<Socket | undefined> {
    const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(this.#address) ?? [];
    return new Promise((resolve) => {
      const socket = connect({ host, port: Number(port) });
      const { signal } = this.#abort;
      const finish = (connected?: Socket): void => {
        signal.removeEventListener("abort", fail);
        socket.setTimeout(0);
        resolve(connected);
      };
      const fail = (): void => {
        socket.destroy();
        finish();
      };
      signal.addEventListener("abort", fail);
      socket.setTimeout(connectTimeoutMs, fail).on("error", fail);
      socket.once("connect", () => finish(socket));
    });
  }

  #use(socket: Socket): void {
    this.#socket = socket;
    // An error destroys it. What the collector says does not matter, but that it hangs up does.
    socket.resume();
    socket.on("drain", () => this.#flush());
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      if (this.#queue.length > 0) this.#ensureConnection();
    });
    this.#flush();
  }

  #flush(): void {
    if (this.#dropped > 0) {
      this.#logger.warn(
        { collector: this.#address, lines: this.#dropped },
        "access logs were dropped while their collector was away",
      );
      this.#dropped = 0;
    }
    const text = this.#queue.join("");
    this.#queue = [];
    this.#queuedBytes = 0;
    if (text !== "") this.#socket?.write(text);
  }
}
