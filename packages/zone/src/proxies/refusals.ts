import type { Rejection, Revision } from "@meridian/model";
import type { Complaint, Nack } from "@meridian/xds";

/** Something of its config that a proxy does without, or has in its last good version. */
export interface Refusal {
  readonly generation: Revision;
  readonly rejection: Rejection;
  /** The policies that it is put down to, as the zone knows them. */
  readonly origins: readonly string[];
}

/** What a proxy's stream tells of a refusal. */
export interface Refused {
  readonly nack: Pick<Nack, "typeUrl" | "message" | "generation" | "standing">;
  readonly origins: readonly string[];
  readonly describe: (globalRevision: Revision) => Rejection;
}

/** What proxies refuse. Two policies may be wrong at once: what is said of one does not hide the other. */
export class Refusals {
  /** By node id, then by complaint; the newest last. None is empty. */
  readonly #byProxy = new Map<string, ReadonlyMap<string, Refusal>>();

  /** How many proxies refuse something. */
  get size(): number {
    return this.#byProxy.size;
  }

  /** Adds one, and forgets what no longer stands beside it. @param revision the generation in the users' revisions. */
  add(id: string, { nack, origins, describe }: Refused, revision: Revision): void {
    const standing = new Set(nack.standing.map(keyOf));
    const others = [...(this.#byProxy.get(id) ?? [])].filter(([key]) => key !== keyOf(nack) && standing.has(key));
    const refusal = { generation: nack.generation, rejection: describe(revision), origins };
    this.#byProxy.set(id, new Map([...others, [keyOf(nack), refusal]]));
  }

  /** The proxy holds everything up to this generation. */
  accepted(id: string, generation: Revision): void {
    const refusals = this.#byProxy.get(id);
    if (!refusals) return;
    const left = [...refusals].filter(([, refusal]) => generation <= refusal.generation);
    if (left.length === 0) this.#byProxy.delete(id);
    else if (left.length < refusals.size) this.#byProxy.set(id, new Map(left));
  }

  forget(id: string): void {
    this.#byProxy.delete(id);
  }

  of(id: string): readonly Refusal[] {
    return [...(this.#byProxy.get(id)?.values() ?? [])];
  }

  find(id: string, complaint: Complaint): Refusal | undefined {
    return this.#byProxy.get(id)?.get(keyOf(complaint));
  }

  *entries(): Generator<readonly [id: string, refusal: Refusal]> {
    for (const [id, refusals] of this.#byProxy) for (const refusal of refusals.values()) yield [id, refusal];
  }
}

function keyOf({ typeUrl, message }: Complaint): string {
  return `${typeUrl} ${message}`;
}
