import { errorMessage } from "@meridian/base";
import type { Encoder, GenerationContext } from "../parts.ts";
import type { GenerationFailure } from "../types.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { TrackedView } from "../view/tracked-view.ts";
import type { Step } from "./step.ts";

/**
 * Order within one step: what belongs to one proxy first, since it decides which parts are still needed; endpoints last, since
 * parts decide which are.
 */
export type Phase = "own" | "profile" | "part" | "endpoints";
const phases: readonly Phase[] = ["own", "profile", "part", "endpoints"];

export interface UnitOptions<T> {
  readonly name: string;
  readonly phase: Phase;
  /** Its result while it has none. */
  readonly empty: T;
  readonly generate: (context: GenerationContext) => T;
  readonly onStale: (step: Step) => void;
}

/** For failures: what an operator reads. */
interface Named {
  readonly name: string;
}

/** One thing that units have read. */
interface Fact {
  readonly key: string;
  readonly readers: Set<Unit<unknown>>;
}

/** The smallest thing that is generated, fails and is generated again by itself. */
export interface Unit<T> {
  /** For failures: what an operator reads. */
  readonly name: string;
  /** Called when something that it has read is different now. */
  readonly onStale: (step: Step) => void;
  readonly phase: Phase;
  readonly generate: (context: GenerationContext) => T;
  /** The last good result. */
  value: T;
  /** What `value` was made from. */
  reads: readonly Fact[];
  isRemoved: boolean;
}

/**
 * Runs units and remembers what each has read, so that a change finds the units it concerns without looking at any other.
 * A unit that throws keeps its last good result; it runs again when something changes that it had read.
 */
export class UnitGraph {
  readonly #view: MeshView;
  readonly #encoder: Encoder;
  readonly #facts = new Map<string, Fact>();
  /** By what failed: a unit, or a piece of work done with the results of several. */
  readonly #failures = new Map<object, GenerationFailure>();
  #failureList: readonly GenerationFailure[] | undefined = [];

  constructor(view: MeshView, encoder: Encoder) {
    this.#view = view;
    this.#encoder = encoder;
  }

  /** A new unit, generated. */
  add<T>({ empty, ...options }: UnitOptions<T>): Unit<T> {
    const unit: Unit<T> = { ...options, value: empty, reads: [], isRemoved: false };
    this.run(unit as Unit<unknown>);
    return unit;
  }

  /** Brings everything up to date that has read any of these. */
  refresh(keys: Iterable<string>, step: Step): void {
    const stale = this.#readersOf(keys);
    for (const phase of phases) {
      for (const unit of stale) if (unit.phase === phase && !unit.isRemoved) unit.onStale(step);
    }
  }

  run(unit: Unit<unknown>): void {
    const view = new TrackedView(this.#view);
    const context = { view, encoder: this.#encoder, sharesProfiles: true };
    unit.value = this.guard(unit, () => unit.generate(context), unit.value);
    this.#follow(unit, view.keys);
  }

  /** Runs a piece of work whose failure must cost nothing else: then it is listed, and the last good result stands. */
  guard<T>(owner: Named, run: () => T, lastGood: T): T {
    try {
      const result = run();
      this.forgive(owner);
      return result;
    } catch (error) {
      this.#failures.set(owner, { unit: owner.name, message: errorMessage(error) });
      this.#failureList = undefined;
      return lastGood;
    }
  }

  /** It works again, or is not needed any more. */
  forgive(owner: Named): void {
    if (this.#failures.delete(owner)) this.#failureList = undefined;
  }

  remove(unit: Unit<unknown>): void {
    unit.isRemoved = true;
    this.#follow(unit, new Set());
    this.forgive(unit);
  }

  #readersOf(keys: Iterable<string>): ReadonlySet<Unit<unknown>> {
    const found = new Set<Unit<unknown>>();
    for (const key of keys) for (const unit of this.#facts.get(key)?.readers ?? []) found.add(unit);
    return found;
  }

  /** Its `value` is older than what it was asked for last. */
  isFailing(unit: Unit<unknown>): boolean {
    return this.#failures.has(unit);
  }

  /** Sorted by unit; the same array while unchanged. */
  get failures(): readonly GenerationFailure[] {
    this.#failureList ??= [...this.#failures.values()].sort((a, b) => (a.unit < b.unit ? -1 : 1));
    return this.#failureList;
  }

  #follow(unit: Unit<unknown>, keys: ReadonlySet<string>): void {
    if (unit.reads.length === keys.size && unit.reads.every(({ key }) => keys.has(key))) return;
    for (const fact of unit.reads) {
      if (keys.has(fact.key)) continue;
      fact.readers.delete(unit);
      if (fact.readers.size === 0) this.#facts.delete(fact.key);
    }
    unit.reads = [...keys].map((key) => this.#fact(key));
    for (const { readers } of unit.reads) readers.add(unit);
  }

  #fact(key: string): Fact {
    let fact = this.#facts.get(key);
    if (!fact) {
      fact = { key, readers: new Set() };
      this.#facts.set(key, fact);
    }
    return fact;
  }
}
