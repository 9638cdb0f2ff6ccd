import type { Revision } from "@meridian/model";

/** Which generations a proxy has been given and has not answered. */
export interface Debt {
  /** It has answered everything before this one. */
  readonly oldest: Revision;
  readonly newest: Revision;
  /** It has never answered: it may hold nothing yet of what it was given. */
  readonly isFirst: boolean;
}

/** What proxies owe, with the oldest of it always at hand. A proxy that never answers takes no more room with each generation. */
export class Debts {
  readonly #byProxy = new Map<string, Debt>();
  /** How many debts begin at each generation: few, for most proxies owe the same. */
  readonly #beginnings = new Map<Revision, number>();

  get size(): number {
    return this.#byProxy.size;
  }

  /** Undefined when nobody owes anything. */
  get oldest(): Revision | undefined {
    return this.#beginnings.size === 0 ? undefined : Math.min(...this.#beginnings.keys());
  }

  get(id: string): Debt | undefined {
    return this.#byProxy.get(id);
  }

  entries(): Iterable<readonly [id: string, debt: Debt]> {
    return this.#byProxy.entries();
  }

  /** Generations only grow. */
  add(id: string, generation: Revision, isFirst = false): void {
    const before = this.#byProxy.get(id);
    this.#set(id, { oldest: before?.oldest ?? generation, newest: generation, isFirst: before?.isFirst ?? isFirst });
  }

  /** The proxy has answered everything up to `generation`. What it still owes begins after that, as far as anybody knows. */
  settle(id: string, generation: Revision): void {
    const debt = this.#byProxy.get(id);
    if (!debt || generation < debt.oldest) return;
    if (generation >= debt.newest) this.forgive(id);
    else this.#set(id, { ...debt, oldest: Math.min(generation + 1, debt.newest), isFirst: false });
  }

  forgive(id: string): void {
    const debt = this.#byProxy.get(id);
    if (!debt) return;
    this.#count(debt.oldest, -1);
    this.#byProxy.delete(id);
  }

  #set(id: string, debt: Debt): void {
    const before = this.#byProxy.get(id);
    if (before?.oldest !== debt.oldest) {
      if (before) this.#count(before.oldest, -1);
      this.#count(debt.oldest, 1);
    }
    this.#byProxy.set(id, debt);
  }

  #count(generation: Revision, by: number): void {
    const count = (this.#beginnings.get(generation) ?? 0) + by;
    if (count === 0) this.#beginnings.delete(generation);
    else this.#beginnings.set(generation, count);
  }
}
