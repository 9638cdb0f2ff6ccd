import { type Clock, errorMessage, type Logger } from "@meridian/base";
import type { ResourceKey, ZoneProgress } from "@meridian/model";
import type { Store } from "@meridian/store";
import { ReplacedError, ZoneNameTakenError } from "../errors.ts";
import type { ChannelEnd } from "../link/channel.ts";
import { yieldSession } from "./claims.ts";
import type { Image } from "./image.ts";
import type { PolicyReports } from "./policy-reports.ts";
import { Replicas } from "./replicas.ts";
import type { ZoneSession } from "./session.ts";
import { type HubSettings, zoneLinkKind } from "./settings.ts";
import type { StatusWriter } from "./status-writer.ts";
import type { ZoneRecord, ZoneTable } from "./zone-table.ts";

export interface ZoneLinksOptions {
  readonly hub: string;
  readonly store: Store;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly settings: HubSettings;
  readonly table: ZoneTable;
  readonly writer: StatusWriter;
  readonly policies: PolicyReports;
  readonly image: () => Image;
}

/**
 * Which zone is connected where. Sessions are those of this replica; the table also has the zones of the others. Every change of a
 * zone goes to the table at once, to the other replicas by the bus, and into the store at most once an interval.
 */
export class ZoneLinks {
  readonly #options: ZoneLinksOptions;
  readonly #sessions = new Map<string, ZoneSession>();
  readonly #replicas: Replicas;
  #beat: NodeJS.Timeout | undefined;

  constructor(options: ZoneLinksOptions) {
    this.#options = options;
    const { store, hub, logger, clock, table, settings } = options;
    this.#replicas = new Replicas({
      bus: store.bus,
      hub,
      logger,
      localZone: (zone) => (this.#sessions.has(zone) ? table.get(zone) : undefined),
      localZones: () => [...this.#sessions.keys()].flatMap((zone) => table.get(zone) ?? []),
      onZone: (record, from) => this.#onRemoteZone(record, from),
      onPolicies: (zones) => this.#options.policies.invalidate(zones),
      onClaim: (zone, claimant) => yieldSession(this.#sessions.get(zone), claimant, settings.probeTimeoutMs),
      forgetAfterMs: settings.heartbeatTimeoutMs,
      now: () => clock.now(),
    });
  }

  /** Reads what this hub and others wrote down before. */
  async load(): Promise<void> {
    const { store, table, hub } = this.#options;
    for (const { value } of await store.listStatus<ZoneRecord>(zoneLinkKind)) {
      const { link, ...rest } = value;
      table.set(link && link.hub !== hub ? value : rest);
    }
  }

  start(): void {
    this.#replicas.start();
    this.#beat = setInterval(() => this.#replicas.beat(), this.#options.settings.heartbeatIntervalMs);
  }

  /** Marks every zone of this replica as gone. */
  async stop(reason: ChannelEnd): Promise<void> {
    clearInterval(this.#beat);
    const sessions = [...this.#sessions.values()];
    for (const session of sessions) this.closed(session, reason);
    await Promise.all(sessions.map((session) => session.uploadsSettled()));
    this.#replicas.stop();
  }

  all(): Iterable<ZoneSession> {
    return this.#sessions.values();
  }

  get(zone: string): ZoneSession | undefined {
    return this.#sessions.get(zone);
  }

  /** The other replica that a zone is connected to, as far as known. */
  replicaOf(zone: string): string | undefined {
    const record = this.#options.table.get(zone);
    return record && this.#options.table.isFresh(record) ? record.link?.hub : undefined;
  }

  /**
   * Another control plane that holds the zone, here or at another replica, and is alive. A probe asks without taking anything over.
   * @throws UnavailableError
   */
  async otherHolder(zone: string, claimant: string, isProbe: boolean): Promise<string | undefined> {
    const { settings, store, table, hub } = this.#options;
    const local = this.#sessions.get(zone);
    if (local && !(isProbe && local.options.instanceId === claimant)) {
      const holder = await yieldSession(local, claimant, settings.probeTimeoutMs);
      if (holder !== undefined) return holder;
    }
    // The bus may have lost the other replica's word; what it wrote down is the fallback.
    const stored = await store.getStatus<ZoneRecord>(zoneLinkKey(zone));
    const known = newer(table.get(zone), stored?.value);
    const link = known && table.isFresh(known) ? known.link : undefined;
    if (!link || link.hub === hub || link.instanceId === claimant) return undefined;
    return this.#replicas.claim(zone, claimant, settings.probeTimeoutMs * 2);
  }

  connected(session: ZoneSession): void {
    const { table, hub } = this.#options;
    const { zone, instanceId, connectedAtMs } = session.options;
    this.#sessions.set(zone, session);
    const { syncError: _, ...before } = table.get(zone) ?? { zone };
    const record = { ...before, link: { hub, instanceId, connectedAtMs }, lastHeardMs: connectedAtMs };
    table.set(record);
    this.#replicas.announce(record);
    this.#persist(session);
  }

  /** Safe to call twice, and for a session that was replaced. */
  closed(session: ZoneSession, end: ChannelEnd): void {
    const { zone } = session;
    const { logger, clock, table, image } = this.#options;
    session.end();
    session.options.insight.disconnected(new Date(clock.now()).toISOString());
    if (this.#sessions.get(zone) !== session) return;
    this.#sessions.delete(zone);
    this.#options.policies.disconnected(zone);
    logger.info({ zone, code: end.code, reason: end.reason }, "zone disconnected");
    if (!image().hasZone(zone)) {
      table.forget(zone);
      return;
    }
    const { link: _, ...record } = table.get(zone) ?? { zone };
    table.set(record);
    this.#replicas.announce(record);
    this.#persist(session);
  }

  /** The Zone resource is gone. */
  forget(zone: string): void {
    this.#options.table.forget(zone);
    this.#options.writer.delete(zoneLinkKey(zone));
    this.#options.policies
      .forget(zone)
      .catch((error: unknown) =>
        this.#options.logger.warn(
          { zone, reason: errorMessage(error) },
          "what a deleted zone said of policies stays in the store",
        ),
      );
  }

  /** What the zones of this replica say of policies was written down: the others can read it. */
  wrote(zones: readonly string[]): void {
    this.#replicas.wrotePolicies(zones);
  }

  progressed(zone: string, progress: ZoneProgress): void {
    this.#changed(this.#options.table.update(zone, { progress, lastHeardMs: this.#options.clock.now() }));
  }

  /** @param reason undefined: the zone applies again. */
  syncFailed(zone: string, reason: string | undefined): void {
    const { syncError: _, ...before } = this.#options.table.get(zone) ?? { zone };
    const record = reason === undefined ? before : { ...before, syncError: reason };
    this.#options.table.set(record);
    this.#changed(record);
  }

  heard(session: ZoneSession): void {
    if (this.#sessions.get(session.zone) !== session) return;
    this.#options.table.update(session.zone, { lastHeardMs: this.#options.clock.now() }, false);
  }

  /** With each heartbeat the zone's age is written down, and the zone learns that it is up to date. */
  beat(session: ZoneSession): void {
    if (this.#sessions.get(session.zone) !== session) return;
    session.advance();
    this.#persist(session);
  }

  writeInsight(session: ZoneSession): void {
    this.#options.writer.put(zoneInsightKey(session.zone), () => {
      const heardMs = this.#options.table.get(session.zone)?.lastHeardMs ?? session.options.connectedAtMs;
      return session.options.insight.value(new Date(heardMs).toISOString());
    });
  }

  #changed({ zone }: ZoneRecord): void {
    this.#replicas.changed(zone);
    this.#options.writer.put(zoneLinkKey(zone), () => this.#options.table.get(zone));
  }

  #persist(session: ZoneSession): void {
    const { zone } = session;
    this.#options.writer.put(zoneLinkKey(zone), () => this.#options.table.get(zone));
    this.writeInsight(session);
  }

  /** A zone at another replica. Two streams of one zone can only be after a race: then both hubs come to the same verdict. */
  #onRemoteZone(record: ZoneRecord, from: string): void {
    const { table, hub } = this.#options;
    const { zone, link } = record;
    const local = this.#sessions.get(zone);
    if (local) {
      if (!link) return;
      const { instanceId, connectedAtMs } = local.options;
      const remoteIsLater = link.connectedAtMs === connectedAtMs ? from > hub : link.connectedAtMs > connectedAtMs;
      if (link.instanceId === instanceId && remoteIsLater) local.refuse(new ReplacedError(zone));
      else if (link.instanceId !== instanceId && !remoteIsLater) local.refuse(new ZoneNameTakenError(zone, link.instanceId));
      else return;
      this.#sessions.delete(zone);
      this.#options.policies.disconnected(zone);
    }
    const known = table.get(zone);
    if (!link && known?.link && known.link.hub !== from) return;
    table.set(record);
  }
}

function zoneLinkKey(zone: string): ResourceKey {
  return { kind: zoneLinkKind, mesh: "", name: zone };
}

export function zoneInsightKey(zone: string): ResourceKey {
  return { kind: "ZoneInsight", mesh: "", name: zone };
}

function newer(a: ZoneRecord | undefined, b: ZoneRecord | undefined): ZoneRecord | undefined {
  if (!a || !b) return a ?? b;
  return (a.lastHeardMs ?? 0) >= (b.lastHeardMs ?? 0) ? a : b;
}
