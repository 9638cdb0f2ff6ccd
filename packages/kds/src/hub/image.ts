import { type KindRegistry, keyText, type Resource, type ResourceInput, type Revision } from "@meridian/model";
import type { ChangeEntry } from "@meridian/store";
import { addTo, type Digest, emptyDigest, removeFrom } from "../sync/digest.ts";
import { type Entry, encodeEntry } from "../sync/entry.ts";
import { isUploaded } from "../sync/to-global.ts";
import { type Audience, concerns, copyForZones, originOf, type ToZoneOptions, type ZoneCopy } from "../sync/to-zone.ts";

/** One step for the zones of its audience: the entry is what the key becomes; absent means that it is gone. */
export interface ZoneChange {
  readonly revision: Revision;
  /** When it happened. */
  readonly timeMs: number;
  /** `keyText` at the receiver. */
  readonly key: string;
  readonly entry?: Entry;
  readonly audience: Audience;
}

interface ImageRecord {
  /** The zone that it came from; "" for the global's own. */
  readonly origin: string;
  /** Of what the zone uploaded; absent for the global's own. */
  readonly uploadHash?: Digest;
  readonly copy?: ZoneCopy;
}

interface Origin {
  readonly keys: Set<string>;
  uploads: Digest;
  /** Of the copies whose audience is not a single zone: those go to every other zone. */
  copies: Digest;
}

/**
 * What every zone should hold, at one revision: each resource encoded and hashed once. It follows the change log; all that depends
 * on a zone (digest, snapshot) is computed from shared parts.
 */
export class Image {
  revision: Revision = 0;
  readonly #options: ToZoneOptions;
  /** By `keyText` at the global. */
  readonly #records = new Map<string, ImageRecord>();
  readonly #origins = new Map<string, Origin>();
  /** Keys of records for a single zone: few. */
  readonly #targeted = new Set<string>();
  readonly #zones = new Map<string, { readonly enabled: boolean }>();
  #fromEnabledZones: Digest | undefined;

  constructor(options: ToZoneOptions) {
    this.#options = options;
  }

  /** The kinds whose resources the image is made of. */
  static kindsOf(kinds: KindRegistry): readonly string[] {
    const synced = kinds.all.filter((kind) => kind.sync.globalToZone || kind.sync.zoneToZone || isUploaded(kind));
    return [...new Set([...synced.map((kind) => kind.kind), "Zone"])];
  }

  /** Puts in a resource of the initial listing. */
  load(resource: Resource): void {
    this.apply({ revision: 0, op: "put", key: resource, resource });
  }

  /** Follows one step of the log; returns what it means for the zones. */
  apply(change: ChangeEntry): readonly ZoneChange[] {
    if (change.key.kind === "Zone") return this.#applyZone(change);
    const key = keyText(change.key);
    const before = this.#records.get(key);
    const after = change.resource && this.#recordOf(change.resource);
    if (!before && !after) return [];
    const seenBefore = this.#seen(before);
    this.#replace(key, before, after);
    return stepsBetween(seenBefore, this.#seen(after), change, timeOf(change));
  }

  /** Zone names with a Zone resource. */
  zoneNames(): readonly string[] {
    return [...this.#zones.keys()];
  }

  hasZone(zone: string): boolean {
    return this.#zones.has(zone);
  }

  /** A zone without a Zone resource counts as enabled: it is created with the first connection. */
  isEnabled(zone: string): boolean {
    return this.#zones.get(zone)?.enabled ?? true;
  }

  /** Digest of the replica that this zone should hold now. */
  digestFor(zone: string): Digest {
    let digest = addTo(this.#origins.get("")?.copies ?? emptyDigest, this.#enabledDigest());
    if (zone !== "" && this.isEnabled(zone)) digest = removeFrom(digest, this.#origins.get(zone)?.copies ?? emptyDigest);
    for (const key of this.#targeted) {
      const copy = this.copyFor(zone, key);
      if (copy) digest = addTo(digest, copy.entry.hash);
    }
    return digest;
  }

  snapshotFor(zone: string): ReadonlyMap<string, Entry> {
    const everything = new Map<string, Entry>();
    for (const key of this.#records.keys()) {
      const copy = this.copyFor(zone, key);
      if (copy) everything.set(copy.key, copy.entry);
    }
    return everything;
  }

  /** What `zone` holds of the resource with this key of the global. */
  copyFor(zone: string, key: string): ZoneCopy | undefined {
    const seen = this.#seen(this.#records.get(key));
    return seen && concerns(seen.audience, zone) ? seen : undefined;
  }

  /** The same for any version of a resource, with the zones that were enabled then. */
  copyOf(zone: string, resource: ResourceInput | undefined, isEnabled: (zone: string) => boolean): ZoneCopy | undefined {
    const copy = resource && copyForZones(resource, this.#options);
    if (!copy || !concerns(copy.audience, zone)) return undefined;
    const origin = originOf(resource);
    return origin === "" || isEnabled(origin) ? copy : undefined;
  }

  keysFrom(origin: string): Iterable<string> {
    return this.#origins.get(origin)?.keys ?? [];
  }

  /** What `zone` would hold of it if other zones were enabled. */
  copyAt(zone: string, key: string, isEnabled: (zone: string) => boolean): ZoneCopy | undefined {
    const record = this.#records.get(key);
    if (!record?.copy || !concerns(record.copy.audience, zone)) return undefined;
    return record.origin === "" || isEnabled(record.origin) ? record.copy : undefined;
  }

  /** Who owns the resource with this key of the global: a zone, "" for the global; undefined when there is none. */
  ownerOf(key: string): string | undefined {
    return this.#records.get(key)?.origin;
  }

  uploadDigest(zone: string): Digest {
    return this.#origins.get(zone)?.uploads ?? emptyDigest;
  }

  /** What the global holds of a zone's own resources. */
  uploadsOf(zone: string): readonly { readonly key: string; readonly hash: Digest }[] {
    const held: { key: string; hash: Digest }[] = [];
    for (const key of this.keysFrom(zone)) {
      const hash = this.#records.get(key)?.uploadHash;
      if (hash !== undefined) held.push({ key, hash });
    }
    return held;
  }

  #recordOf(resource: Resource): ImageRecord | undefined {
    const kind = this.#options.kinds.get(resource.kind);
    if (!kind) return undefined;
    const origin = originOf(resource);
    const copy = copyForZones(resource, this.#options);
    const uploadHash = origin !== "" && isUploaded(kind) ? encodeEntry(resource).hash : undefined;
    // What a zone might upload is kept in mind even when it goes nowhere: its name is taken.
    if (!copy && !isUploaded(kind)) return undefined;
    return { origin, ...(copy && { copy }), ...(uploadHash !== undefined && { uploadHash }) };
  }

  #replace(key: string, before: ImageRecord | undefined, after: ImageRecord | undefined): void {
    this.#fromEnabledZones = undefined;
    if (before) {
      const origin = this.#originState(before.origin);
      origin.keys.delete(key);
      if (before.uploadHash !== undefined) origin.uploads = removeFrom(origin.uploads, before.uploadHash);
      if (before.copy && before.copy.audience.to !== "only") origin.copies = removeFrom(origin.copies, before.copy.entry.hash);
      this.#targeted.delete(key);
      this.#records.delete(key);
    }
    if (after) {
      const origin = this.#originState(after.origin);
      origin.keys.add(key);
      if (after.uploadHash !== undefined) origin.uploads = addTo(origin.uploads, after.uploadHash);
      if (after.copy?.audience.to === "only") this.#targeted.add(key);
      else if (after.copy) origin.copies = addTo(origin.copies, after.copy.entry.hash);
      this.#records.set(key, after);
    }
  }

  #originState(name: string): Origin {
    let origin = this.#origins.get(name);
    if (!origin) {
      origin = { keys: new Set(), uploads: emptyDigest, copies: emptyDigest };
      this.#origins.set(name, origin);
    }
    return origin;
  }

  /** A zone that is switched off or on takes everything that it offers along. */
  #applyZone(change: ChangeEntry): readonly ZoneChange[] {
    const zone = change.key.name;
    const was = this.isEnabled(zone);
    if (change.resource) this.#zones.set(zone, { enabled: isEnabledSpec(change.resource.spec) });
    else this.#zones.delete(zone);
    const is = this.isEnabled(zone);
    if (was === is) return [];
    this.#fromEnabledZones = undefined;
    const steps: ZoneChange[] = [];
    for (const key of this.keysFrom(zone)) {
      const copy = this.#records.get(key)?.copy;
      if (copy) steps.push(...stepsBetween(was ? copy : undefined, is ? copy : undefined, change, timeOf(change)));
    }
    return steps;
  }

  #seen(record: ImageRecord | undefined): ZoneCopy | undefined {
    return record && (record.origin === "" || this.isEnabled(record.origin)) ? record.copy : undefined;
  }

  #enabledDigest(): Digest {
    if (this.#fromEnabledZones === undefined) {
      let sum = emptyDigest;
      for (const [name, origin] of this.#origins) if (name !== "" && this.isEnabled(name)) sum = addTo(sum, origin.copies);
      this.#fromEnabledZones = sum;
    }
    return this.#fromEnabledZones;
  }
}

/** What a step of the log meant for the zones, without an image: for looking back. Ignores zones that were switched off. */
export function zoneChangesOf(change: ChangeEntry, options: ToZoneOptions): readonly ZoneChange[] {
  const before = change.previous && copyForZones(change.previous, options);
  const after = change.resource && copyForZones(change.resource, options);
  return stepsBetween(before, after, change, timeOf(change));
}

/** `spec.enabled` of a Zone; absent means enabled. */
export function isEnabledSpec(spec: unknown): boolean {
  return (spec as { readonly enabled?: unknown } | null)?.enabled !== false;
}

function timeOf(change: ChangeEntry): number {
  return change.resource ? Date.parse(change.resource.modificationTime) : Number.NaN;
}

function stepsBetween(
  before: ZoneCopy | undefined,
  after: ZoneCopy | undefined,
  { revision }: ChangeEntry,
  timeMs: number,
): readonly ZoneChange[] {
  const steps: ZoneChange[] = [];
  const moved = before && (!after || before.key !== after.key || !sameAudience(before.audience, after.audience));
  if (moved) steps.push({ revision, timeMs, key: before.key, audience: before.audience });
  if (after && (!before || moved || before.entry.hash !== after.entry.hash)) {
    steps.push({ revision, timeMs, key: after.key, entry: after.entry, audience: after.audience });
  }
  return steps;
}

function sameAudience(a: Audience, b: Audience): boolean {
  return a.to === b.to && (a.to === "all" || (b.to !== "all" && a.zone === b.zone));
}
