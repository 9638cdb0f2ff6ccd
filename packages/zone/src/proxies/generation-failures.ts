import type { Gauge, Logger } from "@meridian/base";
import type { GenerationFailure } from "@meridian/generator";

/** Tells of each part of a config that cannot be generated once, not at every step, and counts them. */
export class GenerationFailures {
  readonly #gauge: Gauge;
  readonly #logger: Logger;
  #known: ReadonlySet<string> = new Set();

  constructor(gauge: Gauge, logger: Logger) {
    this.#gauge = gauge;
    this.#logger = logger;
  }

  tell(failures: readonly GenerationFailure[]): void {
    this.#gauge.set(failures.length);
    for (const { unit, message } of failures) {
      if (this.#known.has(unit)) continue;
      this.#logger.error({ unit, reason: message }, "a part of a config cannot be generated; its last good state stays");
    }
    if (failures.length > 0 || this.#known.size > 0) this.#known = new Set(failures.map((failure) => failure.unit));
  }
}
