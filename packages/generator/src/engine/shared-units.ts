import type { GenerationContext } from "../parts.ts";
import type { SharedProfile } from "./shared-profile.ts";
import type { Step } from "./step.ts";
import type { Phase, Unit, UnitGraph } from "./unit.ts";

/** A unit that several profiles use. */
export interface SharedUnit<T> {
  readonly key: string;
  readonly unit: Unit<T>;
  readonly users: Set<SharedProfile>;
}

export interface SharedUnitOptions<T> {
  /** Equal keys mean equal results. */
  readonly key: string;
  /** For failures. */
  readonly name: string;
  readonly generate: (context: GenerationContext) => T;
}

export interface SharedUnitsOptions<T> {
  readonly graph: UnitGraph;
  readonly phase: Phase;
  readonly empty: T;
  /** Called after a unit was generated again. */
  readonly onChange: (shared: SharedUnit<T>, before: T, step: Step) => void;
}

/** Units by key, each generated once for all profiles that use it, and gone with the last of them. */
export class SharedUnits<T> {
  readonly #options: SharedUnitsOptions<T>;
  readonly #byKey = new Map<string, SharedUnit<T>>();

  constructor(options: SharedUnitsOptions<T>) {
    this.#options = options;
  }

  acquire(options: SharedUnitOptions<T>, user: SharedProfile): SharedUnit<T> {
    let shared = this.#byKey.get(options.key);
    if (!shared) {
      shared = this.#add(options);
      this.#byKey.set(options.key, shared);
    }
    shared.users.add(user);
    return shared;
  }

  release(shared: SharedUnit<T>, user: SharedProfile): void {
    shared.users.delete(user);
    this.#removeIfUnused(shared);
  }

  /** One that fails stays with its last good result until it recovers: its users may be back in a moment. */
  #removeIfUnused(shared: SharedUnit<T>): void {
    if (shared.users.size > 0 || this.#options.graph.isFailing(shared.unit)) return;
    this.#byKey.delete(shared.key);
    this.#options.graph.remove(shared.unit);
  }

  #add({ key, name, generate }: SharedUnitOptions<T>): SharedUnit<T> {
    const { graph, phase, empty, onChange } = this.#options;
    const unit = graph.add<T>({
      name,
      phase,
      empty,
      generate,
      onStale: (step) => {
        const before = unit.value;
        graph.run(unit);
        onChange(shared, before, step);
        this.#removeIfUnused(shared);
      },
    });
    const shared: SharedUnit<T> = { key, unit, users: new Set() };
    return shared;
  }
}
