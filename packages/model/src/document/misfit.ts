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
  /** What the paths lead on from. */
  readonly #around: ReadonlySet<string>;

  constructor(misfits: readonly Misfit[]) {
    this.#paths = new Set(misfits.map(({ violation }) => violation.path));
    this.#around = new Set([...this.#paths].flatMap(partsOf));
    this.#lengths = new Set([...this.#paths].map(({ length }) => length));
  }

  /** Whether one of them leads on from a path. */
  areWithin(path: string): boolean {
    return path === "" || this.#around.has(path);
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

/** Deeper than a rule looks; keys of maps may be full of dots. */
const maxParts = 32;

/** `a.b[0].c` starts with `a`, `a.b` and `a.b[0]`. */
function partsOf(path: string): readonly string[] {
  const parts: string[] = [];
  for (let end = 1; end < path.length && parts.length < maxParts; end++) {
    if (path[end] === "." || path[end] === "[") parts.push(path.slice(0, end));
  }
  return parts;
}
