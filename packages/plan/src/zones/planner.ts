import { setImmediate } from "node:timers/promises";
import { usualProxy, type Zones } from "@meridian/explain";
import type { ViewChange } from "@meridian/generator";
import { compareText, keyText, type Resource, type Revision } from "@meridian/model";
import { CompactedError, type ResourceReader } from "@meridian/store";
import { predict } from "../predict.ts";
import type { Plan, ProposedChange } from "../types.ts";
import { ZoneImage } from "./zone-image.ts";

export interface PlannerOptions {
  readonly store: Pick<ResourceReader, "revision" | "list" | "changes">;
  /** Kinds that shape configs, or say which zones there are. */
  readonly kinds: readonly string[];
  readonly zones: Zones;
  /** Above so many proxies in all zones, nothing is kept from one plan to the next: memory counts more than time then. Default 5,000. */
  readonly warmProxies?: number;
  /** How long after a plan its images are kept, milliseconds. Default ten minutes. */
  readonly warmForMs?: number;
}

export interface PlanRequest {
  /** As they would stand in the log. */
  readonly changes: readonly ProposedChange[];
  /** `keyText`, as this control plane knows them, of the proxies that are connected. */
  readonly online: ReadonlySet<string>;
}

const defaultWarmProxies = 5_000;
const defaultWarmForMs = 600_000;

/** Everything at one revision: what the control plane holds, and each zone made of it. */
interface World {
  revision: Revision;
  readonly resources: Map<string, Resource>;
  readonly images: Map<string, ZoneImage>;
  /** `keyText` in a zone → `keyText` here, where the two differ. */
  readonly ownNames: Map<string, string>;
}

/**
 * Plans against the newest state of all zones. What a plan has built is kept for the next one and brought up to date along the log;
 * one plan at a time, since each moves the images there and back.
 */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #kinds: ReadonlySet<string>;
  #world: World | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #cooling: NodeJS.Timeout | undefined;

  constructor(options: PlannerOptions) {
    this.#options = options;
    this.#kinds = new Set(options.kinds);
  }

  /** @throws what the store throws */
  plan(request: PlanRequest): Promise<Plan> {
    const planned = this.#last.then(() => this.#plan(request));
    this.#last = planned.catch(() => undefined);
    return planned;
  }

  /** Nothing is kept any more. */
  stop(): void {
    clearTimeout(this.#cooling);
    this.#world = undefined;
  }

  async #plan({ changes, online }: PlanRequest): Promise<Plan> {
    clearTimeout(this.#cooling);
    const world = await this.#upToDate();
    // Should it fail half way, what it leaves is not to be used again.
    this.#world = undefined;
    const connected = this.#connected(world, online);
    const plan = predict(
      [...world.images.values()].map((image) => ({
        image,
        changes: changes.flatMap((change) => this.#changesIn(image.zone, world, change)),
      })),
      { revision: world.revision, isOnline: (zone, id) => connected.has(`${zone} ${id}`) },
    );
    const proxies = plan.zones.reduce((sum, zone) => sum + zone.proxies, 0);
    if (proxies <= (this.#options.warmProxies ?? defaultWarmProxies)) this.#keep(world);
    return withOwnNames(plan, world.ownNames);
  }

  #keep(world: World): void {
    this.#world = world;
    this.#cooling = setTimeout(() => this.stop(), this.#options.warmForMs ?? defaultWarmForMs).unref();
  }

  async #upToDate(): Promise<World> {
    const world = this.#world ?? (await this.#build());
    this.#world = undefined;
    try {
      await this.#rollForward(world);
      return world;
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      const anew = await this.#build();
      await this.#rollForward(anew);
      return anew;
    }
  }

  async #build(): Promise<World> {
    const { store, zones } = this.#options;
    // Read before the lists: what is committed meanwhile is read again from the log, and taking it in twice changes nothing.
    const revision = await store.revision();
    const lists: (readonly Resource[])[] = [];
    for (const kind of this.#kinds) lists.push(await store.list(kind));
    const resources = new Map(lists.flat().map((resource) => [keyText(resource), resource]));
    const world: World = { revision, resources, images: new Map(), ownNames: new Map() };
    for (const zone of zones.names(resources.values())) await this.#addImage(world, zone);
    return world;
  }

  /** Others run in between: a large zone takes a while. */
  async #addImage(world: World, zone: string): Promise<void> {
    const image = new ZoneImage(zone);
    const seen = [...world.resources.values()].flatMap((resource) => this.#seenIn(world, resource, zone) ?? []);
    for (const _step of image.load(seen)) await setImmediate();
    world.images.set(zone, image);
  }

  async #rollForward(world: World): Promise<void> {
    for (;;) {
      const { entries, lastRevision } = await this.#options.store.changes(world.revision);
      const concerning = entries.filter(({ key }) => this.#kinds.has(key.kind));
      for (const entry of concerning) {
        const change: ProposedChange =
          entry.op === "put" && entry.resource ? { op: "put", resource: entry.resource } : { op: "delete", key: entry.key };
        for (const image of world.images.values()) image.follow(this.#changesIn(image.zone, world, change));
        if (change.op === "put") world.resources.set(keyText(change.resource), change.resource);
        else world.resources.delete(keyText(change.key));
      }
      const isLast = lastRevision <= world.revision;
      world.revision = lastRevision;
      if (concerning.length > 0) await this.#followZones(world);
      if (isLast || entries.length === 0) return;
    }
  }

  async #followZones(world: World): Promise<void> {
    const names = new Set(this.#options.zones.names(world.resources.values()));
    for (const zone of world.images.keys()) if (!names.has(zone)) world.images.delete(zone);
    for (const zone of names) if (!world.images.has(zone)) await this.#addImage(world, zone);
  }

  /** What a change of this control plane is in one zone: its copy may have another name there, or go to other zones than before. */
  #changesIn(zone: string, world: World, change: ProposedChange): readonly ViewChange[] {
    const key = change.op === "put" ? change.resource : change.key;
    if (!this.#kinds.has(key.kind)) return [];
    const previous = world.resources.get(keyText(key));
    const was = previous && this.#seenIn(world, previous, zone);
    const is = change.op === "put" ? this.#seenIn(world, change.resource, zone) : undefined;
    const gone = was && (!is || keyText(is) !== keyText(was));
    return [
      ...(gone ? [{ op: "delete" as const, key: { kind: was.kind, mesh: was.mesh, name: was.name } }] : []),
      ...(is ? [{ op: "put" as const, resource: is }] : []),
    ];
  }

  #seenIn({ ownNames }: World, resource: Resource, zone: string): Resource | undefined {
    const seen = this.#options.zones.seenIn(resource, zone);
    if (seen && seen.name !== resource.name) ownNames.set(keyText(seen), keyText(resource));
    return seen;
  }

  /** `zone id` of every connected proxy. */
  #connected({ resources, images }: World, online: ReadonlySet<string>): ReadonlySet<string> {
    const connected = new Set<string>();
    for (const key of online) {
      const resource = resources.get(key);
      if (!resource) continue;
      for (const zone of images.keys()) {
        const seen = this.#options.zones.seenIn(resource, zone);
        const id = seen && usualProxy(seen)?.id;
        if (id !== undefined && images.get(zone)?.proxies.has(id)) connected.add(`${zone} ${id}`);
      }
    }
    return connected;
  }
}

/** Zones know policies by other names than who plans. */
function withOwnNames(plan: Plan, ownNames: ReadonlyMap<string, string>): Plan {
  const named = <T extends { readonly policies: readonly string[] }>(item: T): T => ({
    ...item,
    policies: [...new Set(item.policies.map((policy) => ownNames.get(policy) ?? policy))].sort(compareText),
  });
  return {
    ...plan,
    summary: plan.summary.map(named),
    cutOffs: plan.cutOffs.map(named),
    groups: plan.groups.map((group) => ({ ...group, steps: group.steps.map(named) })),
  };
}
