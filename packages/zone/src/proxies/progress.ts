import { Latest } from "@meridian/base";
import type { Rejection, Revision, ZoneProgress } from "@meridian/model";

/**
 * Knows which proxies still owe an acknowledgement. Inside, everything is counted in the zone's own revisions (generations);
 * outside, in the global's: `translate` pairs them. The converged revision never goes back: a proxy that joins later cannot undo
 * what was true.
 */
export class ProgressTracker {
  readonly progress: Latest<ZoneProgress>;
  /** Proxy id → the oldest generation that it has not acknowledged. Insertion order is age: generations only grow. */
  readonly #pending = new Map<string, Revision>();
  readonly #rejections = new Map<string, { readonly generation: Revision; readonly rejection: Rejection }>();
  readonly #pairs: { readonly local: Revision; readonly global: Revision }[] = [];
  readonly #translates: boolean;
  #generation: Revision = 0;
  #converged: Revision = 0;
  #connected = 0;

  /** @param translates true in a zone with a global; false where the zone's own revisions are the users'. */
  constructor(translates: boolean) {
    this.#translates = translates;
    this.progress = new Latest<ZoneProgress>(this.#snapshot());
  }

  /** Every proxy has acknowledged everything up to this generation. */
  get convergedGeneration(): Revision {
    return this.#converged;
  }

  /** Global revision `global` is the zone's revision `local` (or was already there). */
  paired(local: Revision, global: Revision): void {
    this.#pairs.push({ local, global });
    this.#publish();
  }

  /** The view reflects `generation`, and these proxies were given a patch. */
  advanced(generation: Revision, patched: Iterable<string>): void {
    this.#generation = generation;
    for (const id of patched) this.#owes(id, generation);
    this.#publish();
  }

  /** A proxy opened its stream and owes its first config, or a patch that no revision caused (a certificate). */
  connected(id: string, generation: Revision): void {
    this.#connected += 1;
    this.#owes(id, generation);
    this.#publish();
  }

  disconnected(id: string): void {
    this.#connected -= 1;
    this.#pending.delete(id);
    this.#rejections.delete(id);
    this.#publish();
  }

  acknowledged(id: string, generation: Revision): void {
    const owed = this.#pending.get(id);
    if (owed !== undefined && generation >= owed) this.#pending.delete(id);
    const rejected = this.#rejections.get(id);
    if (rejected && generation > rejected.generation) this.#rejections.delete(id);
    this.#publish();
  }

  /** The proxy answered, with a no: it no longer owes an answer, and the refusal stays visible until a later config is accepted. */
  rejected(id: string, generation: Revision, describe: (globalRevision: Revision) => Rejection): void {
    const owed = this.#pending.get(id);
    if (owed !== undefined && generation >= owed) this.#pending.delete(id);
    this.#rejections.set(id, { generation, rejection: describe(this.#globalOf(generation)) });
    this.#publish();
  }

  rejectionOf(id: string): Rejection | undefined {
    return this.#rejections.get(id)?.rejection;
  }

  /** The oldest generation that this proxy still owes; undefined when it is up to date. */
  owedBy(id: string): Revision | undefined {
    return this.#pending.get(id);
  }

  #owes(id: string, generation: Revision): void {
    if (!this.#pending.has(id)) this.#pending.set(id, generation);
  }

  #publish(): void {
    const [oldest] = this.#pending.values();
    this.#converged = Math.max(this.#converged, oldest === undefined ? this.#generation : oldest - 1);
    const next = this.#snapshot();
    if (!sameProgress(next, this.progress.value)) this.progress.set(next);
  }

  #snapshot(): ZoneProgress {
    return {
      revision: this.#globalOf(this.#generation),
      convergedRevision: this.#globalOf(this.#converged),
      proxies: { connected: this.#connected, pending: this.#pending.size, rejected: this.#rejections.size },
      rejections: [...this.#rejections.values()].map((entry) => entry.rejection),
    };
  }

  #globalOf(local: Revision): Revision {
    if (!this.#translates) return local;
    // Pairs below the newest converged one are never asked for again.
    while (this.#pairs.length > 1 && (this.#pairs[1]?.local ?? Number.POSITIVE_INFINITY) <= this.#converged) this.#pairs.shift();
    return this.#pairs.findLast((pair) => pair.local <= local)?.global ?? 0;
  }
}

function sameProgress(a: ZoneProgress, b: ZoneProgress): boolean {
  return (
    a.revision === b.revision &&
    a.convergedRevision === b.convergedRevision &&
    a.proxies.connected === b.proxies.connected &&
    a.proxies.pending === b.proxies.pending &&
    a.rejections.length === b.rejections.length &&
    a.rejections.every((rejection, index) => rejection === b.rejections[index])
  );
}
