import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Component, delay, errorMessage } from "@meridian/base";
import type { ConvergenceReport, Resource, ResourceKey, Revision, ZoneConvergence, ZonePolicyReport } from "@meridian/model";
import type { ChangeEntry } from "@meridian/store";
import {
  goingAwayCode,
  InvalidTokenError,
  type RefusalError,
  ZoneDeletedError,
  ZoneDisabledError,
  ZoneOfflineError,
  ZoneOnOtherReplicaError,
} from "../errors.ts";
import type { Channel } from "../link/channel.ts";
import type { Hub, HubOptions, ZoneRequest } from "../ports.ts";
import type { ZoneFrame } from "../protocol/frames.ts";
import { acceptZone } from "./accept.ts";
import { receiveZone } from "./arrival.ts";
import { bearerToken } from "./handshake.ts";
import { isEnabledSpec, type ZoneChange, zoneChangesOf } from "./image.ts";
import { KeyQueue } from "./key-queue.ts";
import { LogReader } from "./log-reader.ts";
import { createHubMetrics, type HubMetrics } from "./metrics.ts";
import { PolicyReports } from "./policy-reports.ts";
import { policyStatusOf } from "./policy-status.ts";
import { Push } from "./push.ts";
import { Relevance } from "./relevance.ts";
import {
  globalIdMetaName,
  type HubSettings,
  hubSettings,
  maxBackfillRevisions,
  maxRelevantSteps,
  zonePolicyKind,
} from "./settings.ts";
import { StatusWriter } from "./status-writer.ts";
import { Upgrade } from "./upgrade.ts";
import { ZoneLinks } from "./zone-links.ts";
import { ZoneTable } from "./zone-table.ts";

export type KdsHub = Hub & Component & { handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void };

/** The global's end of the links to all zones. Apps attach `handleUpgrade` to an http or https server. */
export function createHub(options: HubOptions): KdsHub {
  return new HubProcess(options);
}

const stopping = { code: goingAwayCode, reason: "the global control plane stops" };

class HubProcess implements KdsHub {
  readonly name = "kds-hub";
  readonly #options: HubOptions;
  readonly #settings: HubSettings;
  readonly #channels = new Set<Channel<ZoneFrame>>();
  readonly #handshakes = new KeyQueue();
  readonly #reader: LogReader;
  readonly #relevance = new Relevance(0, maxRelevantSteps);
  readonly #table: ZoneTable;
  readonly #writer: StatusWriter;
  readonly #policies: PolicyReports;
  readonly #links: ZoneLinks;
  readonly #metrics: HubMetrics;
  readonly #upgrade = new Upgrade();
  readonly #abort = new AbortController();
  #reading: Promise<void> | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    const settings = hubSettings(options);
    this.#settings = settings;
    const { store, logger, clock, instanceId } = options;
    this.#reader = new LogReader({
      ...options,
      onChanges: (changes, entries) => this.#onChanges(changes, entries),
      onReload: () => this.#onReload(),
    });
    const image = () => this.#reader.image;
    this.#table = new ZoneTable({
      hub: instanceId,
      now: () => clock.now(),
      freshForMs: settings.heartbeatTimeoutMs,
      relevance: this.#relevance,
      zoneNames: () => image().zoneNames(),
      isEnabled: (zone) => image().isEnabled(zone),
    });
    this.#writer = new StatusWriter({
      ...{ store, logger },
      intervalMs: settings.statusIntervalMs,
      onWritten: (keys) => this.#onWritten(keys),
    });
    const { table, writer } = { table: this.#table, writer: this.#writer };
    const policies = new PolicyReports({ store, writer, now: () => clock.now() });
    this.#policies = policies;
    this.#links = new ZoneLinks({ hub: instanceId, store, logger, clock, settings, table, writer, policies, image });
    this.#metrics = createHubMetrics(options.metrics, () => this.zones());
  }

  /** @throws UnavailableError when the store cannot be read. */
  async start(): Promise<void> {
    const { store } = this.#options;
    if ((await store.meta(globalIdMetaName)) === undefined) {
      await store.commit([], { author: "kds" }, { meta: { [globalIdMetaName]: randomUUID() } });
    }
    await this.#reader.load();
    await this.#links.load();
    await this.#backfill();
    this.#reading = this.#follow();
    this.#links.start();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    for (const channel of this.#channels) channel.close(stopping.code, stopping.reason);
    await this.#links.stop(stopping);
    await this.#reading;
    await this.#writer.stop();
    this.#table.stop();
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.#reading || this.#abort.signal.aborted) {
      socket.destroy();
      return;
    }
    const token = bearerToken(request.headers.authorization);
    const { logger } = this.#options;
    const deps = {
      options: this.#options,
      settings: this.#settings,
      reader: this.#reader,
      links: this.#links,
      writer: this.#writer,
      policies: this.#policies,
      metrics: this.#metrics,
    };
    this.#upgrade.handle(request, socket, head, (webSocket) => {
      const channel = acceptZone({
        socket: webSocket,
        ...this.#settings,
        logger,
        decide: (hello, open) => this.#handshakes.run(hello.zone, () => receiveZone({ hello, token, channel: open }, deps)),
        onRefused: (zone, refusal) => this.#onRefused(zone, refusal),
        onHeard: (session) => this.#links.heard(session),
        onBeat: (session) => this.#links.beat(session),
        onClosed: (session, end) => this.#links.closed(session, end),
      });
      this.#channels.add(channel);
      webSocket.on("close", () => this.#channels.delete(channel));
    });
  }

  zones(): readonly ZoneConvergence[] {
    return this.#table.zones();
  }

  report(revision?: Revision): ConvergenceReport {
    const newest = this.#reader.image.revision;
    return this.#table.report(revision ?? newest, newest);
  }

  subscribe(listener: () => void): () => void {
    return this.#table.subscribe(listener);
  }

  async policyStatus(policies: readonly Resource[]): Promise<readonly (readonly ZonePolicyReport[])[]> {
    return policyStatusOf(policies, {
      image: () => this.#reader.image,
      relevance: this.#relevance,
      reports: this.#policies,
      zones: () => this.zones(),
    });
  }

  subscribePolicies(listener: () => void): () => void {
    const ends = [this.#policies.subscribe(listener), this.#table.subscribe(listener)];
    return () => {
      for (const end of ends) end();
    };
  }

  async request(zone: string, request: ZoneRequest): Promise<string> {
    const session = this.#links.get(zone);
    if (session) return session.ask(request, this.#settings.requestTimeoutMs);
    const replica = this.#links.replicaOf(zone);
    throw replica === undefined ? new ZoneOfflineError(zone) : new ZoneOnOtherReplicaError(zone, replica);
  }

  #onWritten(keys: readonly ResourceKey[]): void {
    const zones = new Set(keys.filter(({ kind }) => kind === zonePolicyKind).map(({ mesh }) => mesh));
    if (zones.size > 0) this.#links.wrote([...zones]);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#reader.run(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.logger.error({ err: error }, "following the log failed, starting over");
        await delay(1000, signal);
      }
    }
  }

  /** Reads back to where the zones that are away have converged, so that their lag is right from the start. */
  async #backfill(): Promise<void> {
    const { image } = this.#reader;
    const converged = image.zoneNames().map((zone) => this.#table.get(zone)?.progress?.convergedRevision ?? 0);
    const after = Math.max(Math.min(image.revision, ...converged), image.revision - maxBackfillRevisions, 0);
    await this.#reader.since(after, maxBackfillRevisions, (entries) => {
      this.#relevance.restart(entries ? after : image.revision);
      for (const entry of entries ?? []) this.#remember(zoneChangesOf(entry, this.#options));
    });
  }

  #remember(changes: readonly ZoneChange[]): void {
    for (const { revision, timeMs, audience } of changes) {
      this.#relevance.add({ revision, audience, timeMs: Number.isNaN(timeMs) ? this.#options.clock.now() : timeMs });
    }
  }

  #onChanges(changes: readonly ZoneChange[], entries: readonly ChangeEntry[]): void {
    this.#remember(changes);
    if (changes.length > 0) {
      const push = new Push(changes, this.#reader.image.revision, this.#settings.chunkSizeBytes);
      for (const session of this.#links.all()) session.offer(push.for(session.zone));
    }
    for (const entry of entries) if (entry.key.kind === "Zone") this.#onZoneResource(entry);
    if (entries.some(({ key }) => key.kind === "GlobalSecret" && key.name.startsWith("zone-token-"))) this.#checkTokens();
    this.#table.notify();
  }

  #onReload(): void {
    const { image } = this.#reader;
    this.#relevance.restart(image.revision);
    for (const session of [...this.#links.all()]) {
      if (image.isEnabled(session.zone)) session.snapshot();
      else session.refuse(new ZoneDisabledError(session.zone));
    }
    this.#checkTokens();
    this.#table.notify();
  }

  #onZoneResource({ op, key, resource }: ChangeEntry): void {
    const session = this.#links.get(key.name);
    if (op === "delete") {
      session?.refuse(new ZoneDeletedError(key.name));
      this.#links.forget(key.name);
    } else if (resource && !isEnabledSpec(resource.spec)) {
      session?.refuse(new ZoneDisabledError(key.name));
    }
  }

  /** Keys or revocations changed: zones whose token is no longer good leave at once. */
  #checkTokens(): void {
    for (const session of this.#links.all()) {
      this.#checkToken(session.options.token, session.zone)
        .then((refusal) => refusal && session.refuse(refusal))
        .catch((error: unknown) =>
          this.#options.logger.warn({ zone: session.zone, reason: errorMessage(error) }, "token not checked again"),
        );
    }
  }

  async #checkToken(token: string | undefined, zone: string): Promise<RefusalError | undefined> {
    const verdict = await this.#options.authenticate(token, zone);
    return verdict.ok ? undefined : new InvalidTokenError(zone, verdict.reason);
  }

  #onRefused(zone: string, refusal: RefusalError): void {
    this.#metrics.refusals.inc({ code: refusal.code });
    this.#options.logger.warn({ zone: zone.slice(0, 80), code: refusal.code, reason: refusal.message }, "zone refused");
  }
}
