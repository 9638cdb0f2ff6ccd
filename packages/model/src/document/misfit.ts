import type { Violation } from "../violation.ts";
import type { Keys } from "./schema-walk.ts";

/** A place of a spec at which it is not what its kind's schema describes, or not what a store can keep. */
export interface Misfit {
  readonly violation: Violation;
  /** A missing field is a place, too. */
  readonly keys: Keys;
}

/** Paths, asked for what they lead to. */
export class Places {
  readonly #paths: ReadonlySet<string>;
  /** Keys of maps may be long and full of dots: only a piece that is as long as one of the paths is looked up. */
  readonly #lengths: ReadonlySet<number>;

  constructor(misfits: readonly Misfit[]) {
    this.#paths = new Set(misfits.map(({ violation }) => violation.path));
    this.#lengths = new Set([...this.#paths].map(({ length }) => length));
  }

  /** Whether a path is one of them, or leads on from one. */
  leadTo(path: string): boolean {
    if (this.#paths.has(path) || this.#paths.has("")) return true;
    for (let end = path.length - 1; end > 0; end--) {
      const isEndOfStep = path[end] === "." || path[end] === "[";
      if (isEndOfStep && this.#lengths.has(end) && this.#paths.has(path.slice(0, end))) return true;
    }
    return false;
  }
}
