import { randomUUID } from "node:crypto";
import { errorMessage, type Logger } from "@meridian/base";
import type { ZoneProgress } from "@meridian/model";
import type { Bus } from "@meridian/store";
import type { ZoneRecord } from "./zone-table.ts";

/** What hubs tell each other, best effort: the bus may lose any of it, and the next beat repeats it. */
type ReplicaMessage =
  | { readonly type: "zones"; readonly hub: string; readonly zones: readonly ZoneRecord[] }
  | { readonly type: "policies"; readonly hub: string; readonly zones: readonly string[] }
  | { readonly type: "claim"; readonly hub: string; readonly id: string; readonly zone: string; readonly instanceId: string }
  | { readonly type: "claimed"; readonly hub: string; readonly id: string; readonly holder?: string };

export interface ReplicasOptions {
  readonly bus: Bus;
  readonly hub: string;
  readonly logger: Logger;
  /** The newest record of each zone connected here. */
  readonly localZone: (zone: string) => ZoneRecord | undefined;
  readonly localZones: () => readonly ZoneRecord[];
  readonly onZone: (record: ZoneRecord, hub: string) => void;
  /** Another hub wrote down what these zones say of policies. */
  readonly onPolicies: (zones: readonly string[]) => void;
  /** Another hub was asked by `instanceId` for a zone: who holds it here, if anyone does and is alive. */
  readonly onClaim: (zone: string, instanceId: string) => Promise<string | undefined>;
  /** A replica that was not heard for so long is taken as gone. */
  readonly forgetAfterMs: number;
  readonly now: () => number;
}

const topic = "kds";
/** Below the bus limit of 7,500 bytes, with room for the envelope. */
const maxZonesBytes = 6500;
/** Their names have at most 63 characters. */
const maxNamedZones = 90;

/** The other replicas of this global, over the store's bus. */
export class Replicas {
  readonly #options: ReplicasOptions;
  readonly #heardMs = new Map<string, number>();
  readonly #claims = new Map<string, (holder: string | undefined) => void>();
  #dirty = new Set<string>();
  #publishing = false;
  #unsubscribe: (() => void) | undefined;

  constructor(options: ReplicasOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe = this.#options.bus.subscribe(topic, (payload) => this.#onMessage(payload));
    this.beat();
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  /** Repeats everything: also how replicas find each other. */
  beat(): void {
    const zones = this.#options.localZones();
    if (zones.length === 0) this.#publish({ type: "zones", hub: this.#options.hub, zones: [] });
    for (const { zone } of zones) this.#dirty.add(zone);
    this.#flush();
  }

  /** A local zone changed: the others hear at once, if there are any; bursts merge while a message is on its way. */
  changed(zone: string): void {
    if (!this.#hasOthers()) return;
    this.#dirty.add(zone);
    this.#flush();
  }

  /** As many zones as fit a message: the others also look by themselves when they are asked. */
  wrotePolicies(zones: readonly string[]): void {
    if (this.#hasOthers()) this.#publish({ type: "policies", hub: this.#options.hub, zones: zones.slice(0, maxNamedZones) });
  }

  /** Tells the others of a zone that is no longer connected here. */
  announce(record: ZoneRecord): void {
    this.#publish({ type: "zones", hub: this.#options.hub, zones: [compact(record)] });
  }

  /** Asks the replica that holds a zone; undefined when nobody alive holds it, or nobody answers. */
  async claim(zone: string, instanceId: string, timeoutMs: number): Promise<string | undefined> {
    const id = randomUUID();
    return new Promise((resolve) => {
      const done = (holder: string | undefined): void => {
        clearTimeout(timer);
        this.#claims.delete(id);
        resolve(holder);
      };
      const timer = setTimeout(() => done(undefined), timeoutMs);
      this.#claims.set(id, done);
      this.#publish({ type: "claim", hub: this.#options.hub, id, zone, instanceId });
    });
  }

  #hasOthers(): boolean {
    const oldestMs = this.#options.now() - this.#options.forgetAfterMs;
    for (const [hub, heardMs] of this.#heardMs) if (heardMs < oldestMs) this.#heardMs.delete(hub);
    return this.#heardMs.size > 0;
  }

  #flush(): void {
    if (this.#publishing || this.#dirty.size === 0) return;
    this.#publishing = true;
    this.#publishDirty()
      .catch((error: unknown) => this.#options.logger.debug({ reason: errorMessage(error) }, "replica message not sent"))
      .finally(() => {
        this.#publishing = false;
        this.#flush();
      });
  }

  async #publishDirty(): Promise<void> {
    const zones = [...this.#dirty];
    this.#dirty = new Set();
    let batch: ZoneRecord[] = [];
    let sizeBytes = 0;
    for (const zone of zones) {
      const local = this.#options.localZone(zone);
      if (!local) continue;
      const record = compact(local);
      const recordBytes = Buffer.byteLength(JSON.stringify(record)) + 1;
      if (batch.length > 0 && sizeBytes + recordBytes > maxZonesBytes) {
        await this.#send({ type: "zones", hub: this.#options.hub, zones: batch });
        batch = [];
        sizeBytes = 0;
      }
      batch.push(record);
      sizeBytes += recordBytes;
    }
    if (batch.length > 0) await this.#send({ type: "zones", hub: this.#options.hub, zones: batch });
  }

  async #send(message: ReplicaMessage): Promise<void> {
    await this.#options.bus.publish(topic, JSON.stringify(message));
  }

  #publish(message: ReplicaMessage): void {
    this.#send(message).catch((error: unknown) =>
      this.#options.logger.debug({ reason: errorMessage(error) }, "replica message not sent"),
    );
  }

  #onMessage(payload: string): void {
    const message = parse(payload);
    if (!message || message.hub === this.#options.hub) return;
    const isNew = !this.#heardMs.has(message.hub);
    this.#heardMs.set(message.hub, this.#options.now());
    if (message.type === "zones") for (const record of message.zones) this.#options.onZone(record, message.hub);
    else if (message.type === "policies") this.#options.onPolicies(message.zones);
    else if (message.type === "claimed") this.#claims.get(message.id)?.(message.holder);
    else this.#answer(message.id, message.zone, message.instanceId);
    if (isNew) this.beat();
  }

  #answer(id: string, zone: string, instanceId: string): void {
    if (!this.#options.localZone(zone)) return;
    this.#options
      .onClaim(zone, instanceId)
      .then((holder) => this.#publish({ type: "claimed", hub: this.#options.hub, id, ...(holder && { holder }) }))
      .catch((error: unknown) => this.#options.logger.warn({ zone, reason: errorMessage(error) }, "claim not answered"));
  }
}

/** A record that fits a bus message: of many or long rejections the first, cut. The replica that holds the zone has them all. */
function compact(record: ZoneRecord): ZoneRecord {
  const { progress } = record;
  if (!progress || progress.rejections.length === 0) return record;
  const rejections: ZoneProgress["rejections"] = progress.rejections.slice(0, 2).map((rejection) => ({
    ...rejection,
    message: rejection.message.slice(0, 300),
    resources: rejection.resources.slice(0, 2).map((name) => name.slice(0, 150)),
    policies: rejection.policies.slice(0, 2).map((key) => key.slice(0, 200)),
  }));
  return { ...record, progress: { ...progress, rejections } };
}

function parse(payload: string): ReplicaMessage | undefined {
  try {
    const message = JSON.parse(payload) as ReplicaMessage;
    return typeof message?.hub === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}
