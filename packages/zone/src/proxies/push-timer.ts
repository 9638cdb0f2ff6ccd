import type { Histogram } from "@meridian/base";
import type { Revision } from "@meridian/model";

/** Steps that are waited for; a proxy that never answers must not make them grow without end. */
const mostUnderWay = 1_000;

/** Measures how long each step takes until the last proxy has acknowledged it. */
export class PushTimer {
  readonly #histogram: Histogram;
  readonly #monotonicMs: () => number;
  /** Oldest first. */
  readonly #underWay: { readonly generation: Revision; readonly startedMs: number }[] = [];

  constructor(histogram: Histogram, monotonicMs: () => number) {
    this.#histogram = histogram;
    this.#monotonicMs = monotonicMs;
  }

  started(generation: Revision): void {
    this.#underWay.push({ generation, startedMs: this.#monotonicMs() });
    if (this.#underWay.length > mostUnderWay) this.#underWay.shift();
  }

  /** Every proxy has acknowledged everything up to `generation`. */
  converged(generation: Revision): void {
    for (let [oldest] = this.#underWay; oldest && oldest.generation <= generation; [oldest] = this.#underWay) {
      this.#histogram.observe((this.#monotonicMs() - oldest.startedMs) / 1000);
      this.#underWay.shift();
    }
  }
}
