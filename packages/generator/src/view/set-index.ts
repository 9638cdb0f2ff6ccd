/** Members by trait: who has it. */
export class SetIndex<Member> {
  readonly #byTrait = new Map<string, Set<Member>>();

  of(trait: string): Iterable<Member> {
    return this.#byTrait.get(trait) ?? [];
  }

  add(traits: Iterable<string>, member: Member): void {
    for (const trait of traits) {
      const members = this.#byTrait.get(trait);
      if (members) members.add(member);
      else this.#byTrait.set(trait, new Set([member]));
    }
  }

  delete(traits: Iterable<string>, member: Member): void {
    for (const trait of traits) {
      const members = this.#byTrait.get(trait);
      members?.delete(member);
      if (members?.size === 0) this.#byTrait.delete(trait);
    }
  }
}
