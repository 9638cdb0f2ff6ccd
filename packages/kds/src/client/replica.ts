import type { Logger } from "@meridian/base";
import { type KindRegistry, keyText, labelNames, parseKeyText, type ResourceInput, type Revision } from "@meridian/model";
import type { Change, Store } from "@meridian/store";
import { ShapeError } from "../protocol/shapes.ts";
import { addTo, type Digest, digestText, emptyDigest, removeFrom } from "../sync/digest.ts";
import { type DecodedEntry, decodeEntry, encodeEntry, hashEntry } from "../sync/entry.ts";
import { isReplica } from "../sync/to-global.ts";

export interface ReplicaOptions {
  readonly store: Store;
  readonly kinds: KindRegistry;
  readonly logger: Logger;
}

/** What the global sent, read but not applied yet; one step per key. */
export type Steps = Map<string, (DecodedEntry & { readonly hash: Digest }) | undefined>;

const metaNames = { revision: "kds.revision", digest: "kds.digest", globalId: "kds.global-id" } as const;
const author = { author: "kds" };

/**
 * The global's resources in the zone's store (label `kuma.io/origin: global`). Revision and digest are kept in the same commit as the
 * data, so that after a crash at any moment the zone knows exactly what it holds.
 */
export class Replica {
  readonly #options: ReplicaOptions;
  readonly #hashes = new Map<string, Digest>();
  /** Synced resources that the zone gave a status of its own, which an update from the global must not erase. */
  readonly #withStatus = new Set<string>();
  #digest = emptyDigest;
  revision: Revision = 0;
  globalId = "";

  constructor(options: ReplicaOptions) {
    this.#options = options;
  }

  get digest(): string {
    return digestText(this.#digest);
  }

  /** Reads what the store holds. The digest is computed from the resources: if they were tampered with, the global will notice. */
  async load(): Promise<void> {
    const { store, kinds, logger } = this.#options;
    for (const { kind, sync } of kinds.all) {
      if (!sync.globalToZone && !sync.zoneToZone) continue;
      for (const resource of await store.list(kind, { labels: { [labelNames.origin]: "global" } })) {
        const { status, ...content } = resource;
        this.#remember(keyText(resource), encodeEntry(content, resource.creationTime).hash);
        if (status !== undefined) this.#withStatus.add(keyText(resource));
      }
    }
    this.revision = Number((await store.meta(metaNames.revision)) ?? 0);
    this.globalId = (await store.meta(metaNames.globalId)) ?? "";
    const kept = await store.meta(metaNames.digest);
    if (kept !== undefined && kept !== this.digest) {
      logger.warn({ revision: this.revision }, "the replica was changed from outside; the global will send it anew");
    }
  }

  /** The zone wrote a resource of the replica: only a status, if it behaves. */
  observe(resource: ResourceInput): void {
    if (!isReplica(resource)) return;
    if (resource.status === undefined) this.#withStatus.delete(keyText(resource));
    else this.#withStatus.add(keyText(resource));
  }

  /** @returns the local revision. @throws UnavailableError */
  async applyDelta(steps: Steps, revision: Revision): Promise<Revision> {
    return this.#apply(steps, revision, this.globalId);
  }

  /**
   * Makes the replica exactly this, and drops what the zone may no longer have of its own. Nothing is written for what is the same
   * already.
   * @throws ShapeError when the steps do not give the digest that the global announced.
   */
  async applySnapshot(
    steps: Steps,
    revision: Revision,
    target: { readonly digest: string; readonly globalId: string },
  ): Promise<Revision> {
    let digest = emptyDigest;
    for (const step of steps.values()) if (step) digest = addTo(digest, step.hash);
    if (digestText(digest) !== target.digest) throw new ShapeError("snapshot: its digest differs from what the global announced");
    const changes: Steps = new Map();
    for (const [key, step] of steps) if (step && this.#hashes.get(key) !== step.hash) changes.set(key, step);
    for (const key of this.#hashes.keys()) if (!steps.get(key)) changes.set(key, undefined);
    return this.#apply(changes, revision, target.globalId, await this.#leftovers(steps));
  }

  async #apply(steps: Steps, revision: Revision, globalId: string, further: readonly Change[] = []): Promise<Revision> {
    const { store, logger } = this.#options;
    let digest = this.#digest;
    const changes: Change[] = [...further];
    for (const [key, step] of steps) {
      const before = this.#hashes.get(key);
      if (before !== undefined) digest = removeFrom(digest, before);
      if (step) {
        digest = addTo(digest, step.hash);
        const { creationTime } = step;
        const resource = await this.#withOwnStatus(key, step.resource);
        changes.push({ op: "put", resource, ...(creationTime !== undefined && { creationTime }) });
      } else if (before !== undefined) {
        const gone = parseKeyText(key);
        changes.push({ op: "delete", key: gone });
        if (gone.kind === "Mesh") changes.push(...(await this.#ownDeletes(gone.name)));
      }
    }
    const meta = {
      [metaNames.revision]: String(revision),
      [metaNames.digest]: digestText(digest),
      [metaNames.globalId]: globalId,
    };
    const result = await store.commit(changes, { ...author, message: `global revision ${revision}` }, { meta });
    for (const [index, change] of changes.entries()) {
      const isForeign = change.op === "put" && !this.#hashes.has(keyText(change.resource));
      if (isForeign && result.outcomes[index] === "updated") {
        logger.warn({ key: keyText(change.resource) }, "a resource of this zone was replaced by the global's of the same name");
      }
    }
    for (const [key, step] of steps) {
      if (step) this.#remember(key, step.hash);
      else this.#forget(key);
    }
    this.#digest = digest;
    this.revision = revision;
    this.globalId = globalId;
    return result.revision;
  }

  /**
   * What the zone had of its own before it joined and only the global may write from then on: nobody could change or delete it any
   * more, so that a permission, say, would outlive its deletion at the global. A mesh that the global does not have is left alone,
   * with all that is in it.
   */
  async #leftovers(steps: Steps): Promise<readonly Change[]> {
    const { store, kinds, logger } = this.#options;
    const ofGlobal = kinds.all.filter(
      ({ scope, category, sync }) => scope === "mesh" && category !== "secret" && sync.globalToZone && !sync.zoneToGlobal,
    );
    const lists = await Promise.all(ofGlobal.map(({ kind }) => store.list(kind)));
    const isShared = (mesh: string) => steps.get(keyText({ kind: "Mesh", mesh: "", name: mesh })) !== undefined;
    const left = lists
      .flat()
      .filter((resource) => !isReplica(resource) && isShared(resource.mesh) && !steps.get(keyText(resource)));
    if (left.length > 0) {
      logger.warn(
        { count: left.length, some: left.slice(0, 20).map(keyText) },
        "removed what only the global control plane may write",
      );
    }
    return left.map(({ kind, mesh, name }) => ({ op: "delete", key: { kind, mesh, name } }));
  }

  /**
   * What the zone itself has in a mesh that is gone: it would be uploaded again, into a mesh that the global does not have. A Dataplane
   * stays as long as its proxy: the global deletes no mesh with proxies in it.
   */
  async #ownDeletes(mesh: string): Promise<readonly Change[]> {
    const { store, kinds } = this.#options;
    const scoped = kinds.all.filter(
      ({ kind, scope, category }) => scope === "mesh" && category !== "insight" && kind !== "Dataplane",
    );
    const lists = await Promise.all(scoped.map(({ kind }) => store.list(kind, { mesh })));
    const own = lists.flat().filter((resource) => !isReplica(resource));
    return own.map(({ kind, name }) => ({ op: "delete", key: { kind, mesh, name } }));
  }

  async #withOwnStatus(key: string, resource: ResourceInput): Promise<ResourceInput> {
    if (!this.#withStatus.has(key)) return resource;
    const existing = await this.#options.store.get(resource);
    return existing?.status === undefined ? resource : { ...resource, status: existing.status };
  }

  #remember(key: string, hash: Digest): void {
    this.#forget(key);
    this.#hashes.set(key, hash);
    this.#digest = addTo(this.#digest, hash);
  }

  #forget(key: string): void {
    const before = this.#hashes.get(key);
    if (before === undefined) return;
    this.#hashes.delete(key);
    this.#digest = removeFrom(this.#digest, before);
  }
}

/** Reads one put of the global. @throws ShapeError */
export function readPut(bytes: Uint8Array): DecodedEntry & { readonly key: string; readonly hash: Digest } {
  const decoded = decodeEntry(bytes);
  const { resource } = decoded;
  if (!isReplica(resource)) throw new ShapeError(`entry ${keyText(resource)}: without the label ${labelNames.origin}: global`);
  return { ...decoded, key: keyText(resource), hash: hashEntry(bytes) };
}
