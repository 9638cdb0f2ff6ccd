import type { Revision } from "@meridian/model";
import { type Audience, concerns } from "../sync/to-zone.ts";

interface Step {
  readonly revision: Revision;
  readonly timeMs: number;
  readonly audience: Audience;
}

/** What a zone has still to converge on. */
export interface Behind {
  readonly revisions: number;
  readonly sinceMs: number | undefined;
}

/**
 * Which revisions concern which zones, as far as remembered. A revision that concerns a zone not at all (a data plane of another
 * zone, say) leaves it converged.
 */
export class Relevance {
  readonly #maxSteps: number;
  #steps: Step[] = [];
  /** Everything after this revision is known. */
  #knownAfter: Revision;

  constructor(knownAfter: Revision, maxSteps: number) {
    this.#knownAfter = knownAfter;
    this.#maxSteps = maxSteps;
  }

  /** Forgets all; what comes after `knownAfter` will be added. */
  restart(knownAfter: Revision): void {
    this.#steps = [];
    this.#knownAfter = knownAfter;
  }

  /** In order of revision. */
  add(step: Step): void {
    const last = this.#steps.at(-1);
    if (last?.revision === step.revision && sameAudience(last.audience, step.audience)) return;
    this.#steps.push(step);
    if (this.#steps.length <= this.#maxSteps) return;
    const forgotten = this.#steps.splice(0, Math.ceil(this.#maxSteps / 4));
    this.#knownAfter = forgotten.at(-1)?.revision ?? this.#knownAfter;
  }

  /** The newest revision up to `revision` that concerns the zone; for what is forgotten the safe answer: `revision` itself. */
  lastUpTo(revision: Revision, zone: string): Revision {
    for (let index = this.#lastIndexUpTo(revision); index >= 0; index -= 1) {
      const step = this.#steps[index];
      if (step && concerns(step.audience, zone)) return step.revision;
    }
    return Math.min(revision, this.#knownAfter);
  }

  /** What concerns the zone after the revision that it has converged on. */
  behind(converged: Revision, zone: string): Behind {
    const seen = new Set<Revision>();
    let sinceMs: number | undefined;
    for (let index = this.#lastIndexUpTo(converged) + 1; index < this.#steps.length; index += 1) {
      const step = this.#steps[index];
      if (!step || !concerns(step.audience, zone)) continue;
      seen.add(step.revision);
      sinceMs ??= step.timeMs;
    }
    const forgotten = Math.max(0, this.#knownAfter - converged);
    if (forgotten > 0)
      sinceMs = Math.min(sinceMs ?? Number.POSITIVE_INFINITY, this.#steps[0]?.timeMs ?? Number.POSITIVE_INFINITY);
    return { revisions: seen.size + forgotten, sinceMs: sinceMs !== undefined && Number.isFinite(sinceMs) ? sinceMs : undefined };
  }

  /** Index of the last step whose revision is at most `revision`; -1 when there is none. */
  #lastIndexUpTo(revision: Revision): number {
    let low = 0;
    let high = this.#steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#steps[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function sameAudience(a: Audience, b: Audience): boolean {
  return a.to === b.to && (a.to === "all" || (b.to !== "all" && a.zone === b.zone));
}
