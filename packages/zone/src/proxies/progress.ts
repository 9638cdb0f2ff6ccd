import { Latest } from "@meridian/base";
import type { Rejection, Revision, ZoneProgress } from "@meridian/model";
import type { Complaint } from "@meridian/xds";
import { type Debt, Debts } from "./debts.ts";
import { type Refusal, Refusals, type Refused } from "./refusals.ts";

/**
 * Knows which proxies still owe an acknowledgement. Inside, everything is counted in the zone's own revisions (generations);
 * outside, in the global's: `translate` pairs them. The converged revision never goes back: a proxy that joins later cannot undo
 * what was true.
 */
export class ProgressTracker {
  readonly progress: Latest<ZoneProgress>;
  readonly #debts = new Debts();
  readonly #refusals = new Refusals();
  /** Since when something that follows from a revision is still to come, by what it is. */
  readonly #following = new Map<string, Revision>();
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

  /**
   * The view reflects `generation`, and these proxies were given a patch.
   * @param isNews whether it is told even if nothing differs: with it goes where policies stand.
   */
  advanced(generation: Revision, patched: Iterable<string>, isNews = false): void {
    this.#generation = generation;
    for (const id of patched) this.#debts.add(id, generation);
    this.#publish(isNews);
  }

  /** A proxy opened its stream and owes its first config, or a patch that no revision caused (a certificate). */
  connected(id: string, generation: Revision): void {
    this.#connected += 1;
    this.#debts.add(id, generation, true);
    this.#publish();
  }

  disconnected(id: string): void {
    this.#connected -= 1;
    this.#debts.forgive(id);
    this.#refusals.forget(id);
    this.#publish();
  }

  acknowledged(id: string, generation: Revision): void {
    this.#debts.settle(id, generation);
    this.#refusals.accepted(id, generation);
    this.#publish();
  }

  /** The proxy answered, with a no: it no longer owes an answer, and the refusal stays visible until a later config is accepted. */
  rejected(id: string, refused: Refused): void {
    const { generation } = refused.nack;
    this.#debts.settle(id, generation);
    this.#refusals.add(id, refused, this.#globalOf(generation));
    this.#publish();
  }

  /** Something that follows from `generation` is not handed out yet: until `followed`, nothing from there on has converged. */
  follows(what: string, generation: Revision): void {
    this.#following.set(what, generation);
  }

  followed(what: string): void {
    if (this.#following.delete(what)) this.#publish();
  }

  /** Every connected proxy has answered everything up to this generation, if only with a no. */
  hasAnswers(generation: Revision): boolean {
    const { oldest } = this.#debts;
    return oldest === undefined || oldest > generation;
  }

  /** What it refused last of what it still refuses. */
  rejectionOf(id: string): Rejection | undefined {
    return this.#refusals.of(id).at(-1)?.rejection;
  }

  /** Whom the same complaint of this proxy is put down to by now. */
  blamedFor(id: string, complaint: Complaint): readonly string[] {
    return this.#refusals.find(id, complaint)?.origins ?? [];
  }

  /** The oldest generation that this proxy still owes; undefined when it is up to date. */
  owedBy(id: string): Revision | undefined {
    return this.#debts.get(id)?.oldest;
  }

  /** Of proxies that are not up to date. */
  debts(): Iterable<readonly [id: string, debt: Debt]> {
    return this.#debts.entries();
  }

  /** A proxy may refuse several things at once. */
  refusals(): Iterable<readonly [id: string, refusal: Refusal]> {
    return this.#refusals.entries();
  }

  #publish(isNews = false): void {
    const oldest = Math.min(this.#debts.oldest ?? Number.POSITIVE_INFINITY, ...this.#following.values());
    this.#converged = Math.max(this.#converged, Math.min(this.#generation, oldest - 1));
    const next = this.#snapshot();
    if (isNews || !sameProgress(next, this.progress.value)) this.progress.set(next);
  }

  #snapshot(): ZoneProgress {
    return {
      revision: this.#globalOf(this.#generation),
      convergedRevision: this.#globalOf(this.#converged),
      proxies: { connected: this.#connected, pending: this.#debts.size, rejected: this.#refusals.size },
      rejections: [...this.#refusals.entries()].map(([, { rejection }]) => rejection),
    };
  }

  #globalOf(local: Revision): Revision {
    // Generations of steps that follow from a revision lie between it and the next.
    if (!this.#translates) return Math.floor(local);
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
