import type { ConvergenceReport, Revision, ZoneConvergence, ZoneProgress } from "@meridian/model";
import type { Relevance } from "./relevance.ts";

/** The stream of a zone, at this replica of the global or at another. */
export interface ZoneLink {
  readonly hub: string;
  /** Of the zone's control plane. */
  readonly instanceId: string;
  readonly connectedAtMs: number;
}

/** What is known of one zone, wherever it is connected. */
export interface ZoneRecord {
  readonly zone: string;
  readonly link?: ZoneLink;
  readonly lastHeardMs?: number;
  readonly progress?: ZoneProgress;
  /** Why the zone could not apply what it was sent last. */
  readonly syncError?: string;
}

export interface ZoneTableOptions {
  readonly hub: string;
  readonly now: () => number;
  /** Another replica's word on a zone is good for so long. */
  readonly freshForMs: number;
  readonly relevance: Relevance;
  readonly zoneNames: () => readonly string[];
  readonly isEnabled: (zone: string) => boolean;
}

const noProgress: ZoneProgress = {
  revision: 0,
  convergedRevision: 0,
  proxies: { connected: 0, pending: 0, rejected: 0 },
  rejections: [],
};

/** The one place that knows each zone's state and answers what has converged. */
export class ZoneTable {
  readonly #options: ZoneTableOptions;
  readonly #records = new Map<string, ZoneRecord>();
  readonly #listeners = new Set<() => void>();
  #telling: NodeJS.Immediate | undefined;

  constructor(options: ZoneTableOptions) {
    this.#options = options;
  }

  get(zone: string): ZoneRecord | undefined {
    return this.#records.get(zone);
  }

  /** @param loud false for what changes no answer but an age. */
  set(record: ZoneRecord, loud = true): void {
    this.#records.set(record.zone, record);
    if (loud) this.notify();
  }

  forget(zone: string): void {
    if (this.#records.delete(zone)) this.notify();
  }

  update(zone: string, change: Partial<ZoneRecord>, loud = true): ZoneRecord {
    const record = { ...this.#records.get(zone), ...change, zone };
    this.set(record, loud);
    return record;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes of one turn of the event loop are told once: a push to many zones comes back as many reports together. */
  notify(): void {
    if (this.#telling || this.#listeners.size === 0) return;
    this.#telling = setImmediate(() => {
      this.#telling = undefined;
      for (const listener of [...this.#listeners]) listener();
    });
  }

  stop(): void {
    clearImmediate(this.#telling);
  }

  zones(): readonly ZoneConvergence[] {
    const names = new Set([...this.#options.zoneNames(), ...this.#records.keys()]);
    return [...names].sort().map((zone) => this.#convergenceOf(zone));
  }

  /** @param newest what this replica has read of the log: nothing later can be judged. */
  report(revision: Revision, newest: Revision): ConvergenceReport {
    const zones = this.zones();
    const judged = zones.filter((zone) => zone.status === "online");
    const converged = revision <= newest && judged.every((zone) => this.#hasConverged(zone, revision));
    return { revision, converged, zones };
  }

  isFresh(record: ZoneRecord): boolean {
    if (!record.link) return false;
    if (record.link.hub === this.#options.hub) return true;
    return record.lastHeardMs !== undefined && this.#options.now() - record.lastHeardMs <= this.#options.freshForMs;
  }

  #hasConverged(zone: ZoneConvergence, revision: Revision): boolean {
    const concerned = this.#options.relevance.lastUpTo(revision, zone.zone);
    return zone.convergedRevision >= concerned && !zone.rejections.some((rejection) => rejection.revision >= concerned);
  }

  #convergenceOf(zone: string): ZoneConvergence {
    const record = this.#records.get(zone);
    const progress = record?.progress ?? noProgress;
    const behind = this.#options.relevance.behind(progress.convergedRevision, zone);
    return {
      ...progress,
      zone,
      status: this.#statusOf(zone, record),
      ...(record?.lastHeardMs !== undefined && { lastHeard: new Date(record.lastHeardMs).toISOString() }),
      behindRevisions: behind.revisions,
      behindMs: behind.sinceMs === undefined ? 0 : Math.max(0, this.#options.now() - behind.sinceMs),
      ...(record?.syncError !== undefined && { syncError: record.syncError }),
    };
  }

  #statusOf(zone: string, record: ZoneRecord | undefined): ZoneConvergence["status"] {
    if (!this.#options.isEnabled(zone)) return "disabled";
    return record && this.isFresh(record) ? "online" : "unknown";
  }
}
