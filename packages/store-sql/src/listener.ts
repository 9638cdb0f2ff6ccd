import { Backoff, delay, errorMessage, type Logger } from "@meridian/base";
import type { Revision } from "@meridian/model";
import { UnavailableError } from "@meridian/store";
import pg from "pg";
import { publicError } from "./sql-errors.ts";

/** How long the server may take to answer a heartbeat before it counts as away. */
const heartbeatTimeoutMs = 2_000;

export interface ListenerOptions {
  readonly newClient: () => pg.Client;
  /** `Postgres at host:port`, for errors and logs. */
  readonly database: string;
  readonly channels: readonly string[];
  readonly onNotification: (channel: string, payload: string) => void;
  /** After each (re)connection and heartbeat: the revision found, because notifications are lost while nobody listens. */
  readonly onRevision: (revision: Revision) => void;
  readonly onUp: () => void;
  readonly onDown: (error: UnavailableError) => void;
  readonly logger: Logger;
  /** Between heartbeats, which are also the backstop behind a pooler that swallows notifications. */
  readonly backstopMs: number;
}

/**
 * The one connection that listens. It comes back by itself after a restart of the server, reads the revision then, and is what
 * knows first whether the server is there.
 */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #stop = new AbortController();
  readonly #backoff = new Backoff({ initialMs: 50, maxMs: 1_000 });
  #wakeHeartbeat = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Resolves when it listens. @throws UnavailableError when the first connection fails; then nothing runs. */
  async start(): Promise<void> {
    const client = await this.#connect();
    this.#running = this.#run(client);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wakeHeartbeat.abort();
    await this.#running;
  }

  /** Asks the server now whether it is there; the answer comes as `onDown`, or as nothing. */
  probe(): void {
    this.#wakeHeartbeat.abort();
  }

  async #run(first: pg.Client): Promise<void> {
    let client: pg.Client | undefined = first;
    while (!this.#stop.signal.aborted) {
      if (client !== undefined) {
        const reason = await this.#untilLost(client);
        if (this.#stop.signal.aborted) return;
        this.#options.logger.warn({ reason }, "lost the connection that listens to the database");
      }
      client = await this.#reconnect();
    }
    if (client !== undefined) await closeClient(client);
  }

  /** One attempt. At once after a loss: often only this connection died, and then the server never counts as away. */
  async #reconnect(): Promise<pg.Client | undefined> {
    try {
      const client = await this.#connect();
      this.#backoff.reset();
      this.#options.logger.info("listening to the database again");
      this.#options.onUp();
      return client;
    } catch (error) {
      this.#down(error);
      await delay(this.#backoff.nextDelayMs(), this.#stop.signal);
      return undefined;
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = this.#options.newClient();
    // Without a listener an 'error' of the connection would end the process; `#untilLost` has its own.
    client.on("error", () => undefined);
    client.on("notification", ({ channel, payload }) => this.#options.onNotification(channel, payload ?? ""));
    try {
      await within(client.connect(), "connecting");
      // Listen first, then read: what is committed between is heard.
      const listens = this.#options.channels.map((channel) => `listen ${pg.escapeIdentifier(channel)};`).join(" ");
      await within(client.query(listens), "listening");
      await this.#readRevision(client);
      return client;
    } catch (error) {
      await closeClient(client);
      throw publicError(error, this.#options.database);
    }
  }

  async #readRevision(client: pg.Client): Promise<void> {
    const query = client.query<{ newest: string }>("select newest from log_position");
    const { rows } = await within(query, "a heartbeat");
    this.#options.onRevision(Number(rows[0]?.newest ?? 0));
  }

  /** @returns the reason. */
  #down(error: unknown): string {
    const reason = publicError(error, this.#options.database);
    this.#options.onDown(reason instanceof UnavailableError ? reason : new UnavailableError(reason.message));
    return reason.message;
  }

  /** Heartbeats until the connection ends, the server does not answer in time, or `stop`. @returns why. */
  async #untilLost(client: pg.Client): Promise<string> {
    const lost = new Promise<string>((resolve) => {
      client.once("error", (error) => resolve(errorMessage(publicError(error, this.#options.database))));
      client.once("end", () => resolve("the server closed it"));
    });
    const ended = new AbortController();
    void lost.then(() => ended.abort());
    try {
      while (!this.#stop.signal.aborted && !ended.signal.aborted) {
        this.#wakeHeartbeat = new AbortController();
        await delay(this.#options.backstopMs, AbortSignal.any([ended.signal, this.#wakeHeartbeat.signal]));
        if (!this.#stop.signal.aborted && !ended.signal.aborted) await Promise.race([this.#readRevision(client), lost]);
      }
      return this.#stop.signal.aborted ? "stopped" : await lost;
    } catch (error) {
      // No answer in time: whatever else is under way on this server will not get one either.
      return this.#down(error);
    } finally {
      await closeClient(client);
    }
  }
}

/** Ends a connection also when the server does not answer any more: node-postgres then cuts it instead of saying goodbye. */
async function closeClient(client: pg.Client): Promise<void> {
  await within(client.end(), "closing").catch(() => undefined);
}

async function within<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const late = (): void => reject(new Error(`timeout: ${what} took more than ${heartbeatTimeoutMs} ms`));
    // Not at once: after a stall of our own process the answer may already wait to be read, which happens before an immediate.
    timer = setTimeout(() => setImmediate(late), heartbeatTimeoutMs);
  });
  // The loser of the race may reject later; that is no unhandled rejection.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
