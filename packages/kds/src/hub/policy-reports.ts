import type { PolicyReport, ResourceKey, Revision } from "@meridian/model";
import type { StatusStore } from "@meridian/store";
import { MalformedFrameError } from "../errors.ts";
import type { FrameOf, ZoneFrame } from "../protocol/frames.ts";
import { decodePolicyReport, type ReportedPolicy } from "../protocol/policy-report.ts";
import { ShapeError } from "../protocol/shapes.ts";
import { zonePolicyKind } from "./settings.ts";
import type { StatusWriter } from "./status-writer.ts";

/** What a zone said of policies. */
export interface ZoneReports {
  /** Up to this revision the zone has told everything. */
  readonly revision: Revision;
  /** By `keyText` of the zone's copy. */
  readonly reports: ReadonlyMap<string, PolicyReport>;
}

/** A zone that is connected to this replica. */
interface ConnectedZone {
  revision: Revision;
  readonly reports: Map<string, PolicyReport>;
  /** While a full account arrives: what it has named so far. */
  named: Set<string> | undefined;
}

export interface PolicyReportsOptions {
  readonly store: Pick<StatusStore, "listStatus">;
  readonly writer: StatusWriter;
  readonly now: () => number;
}

/** A row of what is written down: a report, or the revision that all of a zone's reports are of. */
type Row = ReportedPolicy | { readonly revision: Revision };

const revisionRow = "revision";
/** What another replica writes down comes at most so often. */
const freshForMs = 1000;

/**
 * What zones say of their policies. Of a zone that is connected here it is in memory, and written down at most once a second per
 * policy; of any other zone it is what was written down.
 */
export class PolicyReports {
  readonly #options: PolicyReportsOptions;
  readonly #connected = new Map<string, ConnectedZone>();
  readonly #stored = new Map<string, { readonly untilMs: number; readonly reports: Promise<ZoneReports> }>();
  readonly #listeners = new Set<() => void>();

  constructor(options: PolicyReportsOptions) {
    this.#options = options;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async of(zone: string): Promise<ZoneReports> {
    const connected = this.#connected.get(zone);
    if (connected) return connected;
    const nowMs = this.#options.now();
    const known = this.#stored.get(zone);
    if (known && known.untilMs > nowMs) return known.reports;
    const reports = this.stored(zone);
    this.#stored.set(zone, { untilMs: nowMs + freshForMs, reports });
    reports.catch(() => this.#stored.delete(zone));
    return reports;
  }

  /** @throws UnavailableError when the store cannot be read. */
  async stored(zone: string): Promise<ZoneReports> {
    const rows = await this.#options.store.listStatus<Row>(zonePolicyKind, { mesh: zone });
    const reports = new Map<string, PolicyReport>();
    let revision: Revision = 0;
    for (const { value } of rows) {
      if ("policy" in value) reports.set(value.policy, value.report);
      else revision = value.revision;
    }
    return { revision, reports };
  }

  /** @param known what was written down of the zone: a full account follows, which also says what is no longer so. */
  connected(zone: string, known: ZoneReports): void {
    this.#stored.delete(zone);
    this.#connected.set(zone, { revision: 0, reports: new Map(known.reports), named: undefined });
  }

  disconnected(zone: string): void {
    const last = this.#connected.get(zone);
    this.#connected.delete(zone);
    // What was heard last may still wait for its turn to be written down; a replica that hears the zone now says so.
    if (last) this.#stored.set(zone, { untilMs: this.#options.now() + 2 * freshForMs, reports: Promise.resolve(last) });
    this.#changed();
  }

  /** Another replica wrote down something. */
  invalidate(zones: readonly string[]): void {
    for (const zone of zones) this.#stored.delete(zone);
    this.#changed();
  }

  /** @throws MalformedFrameError */
  take(zone: string, frame: FrameOf<ZoneFrame, "policies">): void {
    const connected = this.#connected.get(zone);
    if (!connected) return;
    const puts = decoded(frame.puts);
    if (frame.full) connected.named ??= new Set();
    for (const row of puts) {
      connected.named?.add(row.policy);
      connected.reports.set(row.policy, row.report);
      this.#options.writer.put(rowKey(zone, row.policy), () => row);
    }
    for (const policy of frame.deletes) this.#forget(zone, connected, policy);
    if (frame.full && frame.last) {
      for (const policy of connected.reports.keys()) if (!connected.named?.has(policy)) this.#forget(zone, connected, policy);
      connected.named = undefined;
    }
    this.#changed();
  }

  /** The zone has told everything up to this revision. */
  told(zone: string, revision: Revision): void {
    const connected = this.#connected.get(zone);
    if (!connected || connected.revision === revision) return;
    connected.revision = revision;
    this.#options.writer.put(rowKey(zone, revisionRow), (): Row => ({ revision }));
    this.#changed();
  }

  /** The Zone resource is gone. */
  async forget(zone: string): Promise<void> {
    const { reports } = await this.of(zone);
    for (const policy of [...reports.keys(), revisionRow]) this.#options.writer.delete(rowKey(zone, policy));
    this.#stored.delete(zone);
  }

  #forget(zone: string, { reports }: ConnectedZone, policy: string): void {
    if (reports.delete(policy)) this.#options.writer.delete(rowKey(zone, policy));
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function decoded(puts: readonly Uint8Array[]): readonly ReportedPolicy[] {
  try {
    return puts.map(decodePolicyReport);
  } catch (error) {
    if (error instanceof ShapeError) throw new MalformedFrameError(error.message);
    throw error;
  }
}

/** Partitioned by zone. A name holds no slash; the row itself says which policy it is about. */
function rowKey(zone: string, policy: string): ResourceKey {
  return { kind: zonePolicyKind, mesh: zone, name: policy.replaceAll("/", ":") };
}
