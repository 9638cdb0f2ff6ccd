import { Backoff, type Component, delay, errorMessage, Latest } from "@meridian/base";
import type { Revision } from "@meridian/model";
import { goingAwayCode } from "../errors.ts";
import type { ClientOptions, LinkState } from "../ports.ts";
import type { HubFrame, ZoneFrame } from "../protocol/frames.ts";
import { Connection, type Welcome } from "./connection.ts";
import { dial } from "./dial.ts";
import { helloOf } from "./hello.ts";
import { InsightSender } from "./insight-sender.ts";
import { changedState, type LinkChange } from "./link-state.ts";
import { createClientMetrics } from "./metrics.ts";
import { OwnResources } from "./own-resources.ts";
import { PolicySender } from "./policy-sender.ts";
import { Receiver } from "./receiver.ts";
import { Replica } from "./replica.ts";
import { respond } from "./responder.ts";
import { Uploader } from "./uploader.ts";

export type KdsClient = Component & { readonly state: Latest<LinkState> };

/** The zone's end of the link. It runs whether or not the global can be reached: the zone lives from its replica meanwhile. */
export function createKdsClient(options: ClientOptions): KdsClient {
  return new ClientProcess(options);
}

/** These pass by themselves; the zone tries again soon, as after a lost connection. */
const passing = new Set(["UNAVAILABLE", "ZONE_DELETED"]);

class ClientProcess implements KdsClient {
  readonly name = "kds-client";
  readonly state: Latest<LinkState>;
  readonly #options: ClientOptions;
  readonly #replica: Replica;
  readonly #own: OwnResources;
  readonly #uploader: Uploader;
  readonly #insights: InsightSender | undefined;
  readonly #policies: PolicySender | undefined;
  readonly #abort = new AbortController();
  readonly #metrics: ReturnType<typeof createClientMetrics>;
  #connection: Connection | undefined;
  #running: Promise<unknown> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    const { store, kinds, logger, zone } = options;
    this.state = new Latest<LinkState>({ state: "connecting", since: this.#now(), globalRevision: 0 });
    this.#replica = new Replica({ store, kinds, logger });
    this.#own = new OwnResources({ store, kinds, zone, observe: (resource) => this.#replica.observe(resource) });
    this.#uploader = new Uploader({
      store,
      own: this.#own,
      logger,
      onRejected: (rejected) => this.#setState({ rejected }),
    });
    this.#insights = options.insights && this.#createInsights(options.insights);
    this.#policies = options.policies && this.#createPolicies(options.policies);
    this.#metrics = createClientMetrics(options.metrics, () => this.state.value);
  }

  /** Resolves when the zone's own state is read; the connection follows in the background. */
  async start(): Promise<void> {
    await this.#replica.load();
    await this.#own.load();
    const { revision } = this.#replica;
    if (revision > 0) this.#applied(revision, this.#own.revision);
    this.#insights?.start();
    this.#running = Promise.all([this.#connect(), this.#follow()]);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#connection?.close(goingAwayCode, "the zone control plane stops");
    await this.#running;
    this.#insights?.stop();
    this.#setState({ state: "stopped" });
  }

  #createInsights(source: NonNullable<ClientOptions["insights"]>): InsightSender {
    const { zone, logger, insightIntervalMs } = this.#options;
    return new InsightSender({
      source,
      zone,
      logger,
      intervalMs: insightIntervalMs ?? 1000,
      globalNameOf: (key) => this.#own.globalNameOf(key),
    });
  }

  #createPolicies(source: NonNullable<ClientOptions["policies"]>): PolicySender {
    const { progress, policyIntervalMs } = this.#options;
    return new PolicySender({
      source,
      progress,
      intervalMs: policyIntervalMs ?? 1000,
      globalNameOf: (key) => this.#own.globalNameOf(key),
      onSent: () => this.#connection && this.#tellProgress(this.#connection),
    });
  }

  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#uploader.run(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.logger.error({ err: error }, "following the zone's own log failed, starting over");
        await delay(1000, signal);
      }
    }
  }

  async #connect(): Promise<void> {
    const { initialMs, maxMs } = this.#options.backoff ?? { initialMs: 250, maxMs: 15_000 };
    const lost = new Backoff({ initialMs, maxMs });
    const refused = new Backoff({ initialMs: Math.min(initialMs * 8, maxMs), maxMs });
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const end = await this.#attempt();
      if (signal.aborted) return;
      const isRefusal = end.code !== undefined && end.isRefusal;
      if (end.welcomed) {
        lost.reset();
        refused.reset();
      }
      this.#setState({ state: isRefusal ? "refused" : "connecting", reason: end.reason, code: end.code });
      await delay((isRefusal ? refused : lost).nextDelayMs(), signal);
    }
  }

  /** One attempt from dialling to the end of the connection. */
  async #attempt(): Promise<{
    readonly welcomed: boolean;
    readonly isRefusal: boolean;
    readonly code: string | undefined;
    readonly reason: string;
  }> {
    const { url, zone, logger, caCert, skipTlsVerify } = this.#options;
    this.#metrics.attempts.inc();
    let token: string | undefined;
    try {
      token = await this.#token();
    } catch (error) {
      const reason = `the token cannot be read: ${errorMessage(error)}`;
      return { welcomed: false, isRefusal: false, code: "TOKEN_UNREADABLE", reason };
    }
    const dialled = await dial({
      url,
      token,
      signal: this.#abort.signal,
      ...(caCert !== undefined && { caCert }),
      ...(skipTlsVerify !== undefined && { skipTlsVerify }),
    });
    if (!dialled.ok) {
      logger.warn({ zone, code: dialled.code, reason: dialled.reason }, "global not reached");
      return { welcomed: false, ...dialled };
    }
    let receiver: Receiver | undefined;
    const connection = new Connection({
      socket: dialled.socket,
      hello: helloOf(this.#options, this.#replica),
      heartbeatIntervalMs: this.#options.heartbeatIntervalMs ?? 5000,
      heartbeatTimeoutMs: this.#options.heartbeatTimeoutMs ?? 15_000,
      logger,
      onWelcome: (welcome, opened) => {
        receiver = this.#onWelcome(welcome, opened);
      },
      onFrame: (frame) => this.#onFrame(frame, connection, receiver),
    });
    this.#connection = connection;
    if (this.#abort.signal.aborted) connection.close(goingAwayCode, "the zone control plane stops");
    const stopProgress = this.#sendProgress(connection);
    const end = await connection.ended;
    this.#connection = undefined;
    stopProgress();
    this.#uploader.detach();
    this.#insights?.detach();
    this.#policies?.detach();
    await receiver?.end();
    this.#metrics.bytesReceived.inc(connection.bytesReceived);
    const code = end.refusal?.code;
    if (!this.#abort.signal.aborted) {
      const message = code ? "the global refused this zone" : "connection to the global lost";
      logger.warn({ zone, ...(code && { code }), reason: end.reason }, message);
    }
    return { welcomed: end.welcomed, isRefusal: code !== undefined && !passing.has(code), code, reason: end.reason };
  }

  async #token(): Promise<string | undefined> {
    const { token } = this.#options;
    return typeof token === "function" ? token() : token;
  }

  #onWelcome(welcome: Welcome, connection: Connection): Receiver {
    const { zone, logger } = this.#options;
    for (const { code, message } of welcome.warnings) logger.warn({ zone, code }, message);
    if (this.#replica.globalId !== "" && this.#replica.globalId !== welcome.globalId) {
      logger.warn({ zone }, "this is another global than before; the replica is replaced by what it sends");
    }
    logger.info(
      { zone, global: welcome.instanceId, version: welcome.version, revision: welcome.revision },
      "connected to the global",
    );
    this.#setState({ state: "connected", reason: undefined, code: undefined, warnings: welcome.warnings });
    const send = (frame: ZoneFrame): void => connection.send(frame);
    const link = { send, waitingBytes: () => connection.waitingBytes };
    if (welcome.features?.includes("policy-status")) this.#policies?.attach(link);
    this.#tellProgress(connection);
    const { window, uploaded, uploadDigest } = welcome;
    this.#uploader.attach({ send, window, uploaded, uploadDigest }).catch((error: unknown) => {
      logger.error({ reason: errorMessage(error) }, "uploads cannot resume, connecting again");
      connection.close(goingAwayCode, "uploads cannot resume");
    });
    this.#insights?.attach(link);
    return new Receiver({
      replica: this.#replica,
      globalId: welcome.globalId,
      logger,
      send,
      onApplied: (globalRevision, localRevision) => this.#applied(globalRevision, localRevision),
    });
  }

  #onFrame(frame: HubFrame, connection: Connection, receiver: Receiver | undefined): void {
    switch (frame.type) {
      case "delta":
      case "begin":
      case "chunk":
      case "end":
      case "advance":
        receiver?.take(frame);
        return;
      case "uploadAck":
        this.#uploader.onAck(frame);
        return;
      case "inventory":
        this.#uploader.onInventory(frame);
        return;
      case "request":
        respond(frame, this.#options.onRequest, (answer) => connection.send(answer)).catch((error: unknown) =>
          this.#options.logger.warn({ reason: errorMessage(error) }, "request of the global not answered"),
        );
        return;
      case "welcome":
      case "refuse":
        return;
    }
  }

  /** At once on every change; changes of one turn of the event loop go out as one. */
  #sendProgress(connection: Connection): () => void {
    let scheduled = false;
    return this.#options.progress.subscribe(() => {
      if (scheduled) return;
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        if (this.#connection !== connection || this.state.value.state !== "connected") return;
        this.#tellProgress(connection);
      });
    });
  }

  /** Policies first: whoever hears of the progress finds them as they are. */
  #tellProgress(connection: Connection): void {
    const policies = this.#policies?.tell();
    const { value: progress } = this.#options.progress;
    connection.send({ type: "progress", progress, ...(policies !== undefined && { policies }) });
  }

  #applied(globalRevision: Revision, localRevision: Revision): void {
    this.#options.onApplied({ globalRevision, localRevision });
    this.#setState({ globalRevision });
  }

  #setState(change: LinkChange): void {
    this.state.set(changedState(this.state.value, change, this.#now()));
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
