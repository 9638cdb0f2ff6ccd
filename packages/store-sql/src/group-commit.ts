import type { CommitResult } from "@meridian/store";
import type { CallOutcome, CommitCall } from "./write-group.ts";

interface Waiting {
  readonly call: CommitCall;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds what one transaction holds in memory. A single larger call still goes, alone. */
const maxGroupChanges = 5_000;

/**
 * Collects the commits that arrive while a transaction is under way and writes them in the next one, so that one flush to disk
 * serves many. A lone commit does not wait: a group starts as soon as none is running.
 * @param write writes a group in one transaction; rejects only if nothing of it was acknowledged.
 * @param isolates whether an error may come from one call's data; then each call is tried alone.
 */
export class GroupCommit {
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  readonly #write: (calls: readonly CommitCall[]) => Promise<readonly CallOutcome[]>;
  readonly #isolates: (error: unknown) => boolean;

  constructor(write: (calls: readonly CommitCall[]) => Promise<readonly CallOutcome[]>, isolates: (error: unknown) => boolean) {
    this.#write = write;
    this.#isolates = isolates;
  }

  submit(call: CommitCall): Promise<CommitResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when everything submitted so far has its outcome. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Whoever else is about to commit in this turn of the event loop comes along.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#writeAll(this.#takeGroup());
    }
    this.#running = undefined;
  }

  #takeGroup(): readonly Waiting[] {
    let changes = 0;
    const end = this.#waiting.findIndex(({ call }, index) => {
      changes += call.changes.length;
      return index > 0 && changes > maxGroupChanges;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  async #writeAll(group: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#write(group.map(({ call }) => call));
      for (const [index, waiting] of group.entries()) settle(waiting, outcomes[index]);
    } catch (error) {
      if (group.length > 1 && this.#isolates(error)) {
        for (const waiting of group) await this.#writeAll([waiting]);
        return;
      }
      for (const { reject } of group) reject(error);
    }
  }
}

function settle({ resolve, reject }: Waiting, outcome: CallOutcome | undefined): void {
  if (outcome === undefined) reject(new Error("a commit got no outcome"));
  else if ("conflict" in outcome) reject(outcome.conflict);
  else resolve(outcome.result);
}
