/** One step after the other; a step that fails is told, and the next goes on. */
export class StepQueue {
  readonly #onError: (error: unknown) => void;
  #last: Promise<void> | undefined;
  #isStopped = false;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** A step is under way, or waits. */
  get isBusy(): boolean {
    return this.#last !== undefined;
  }

  /** Resolves when the step is done, failed, or left out because the queue was stopped. */
  add(step: () => Promise<void>): Promise<void> {
    const mine = (this.#last ?? Promise.resolve())
      .then(() => (this.#isStopped ? undefined : step()))
      .catch(this.#onError)
      .finally(() => {
        if (this.#last === mine) this.#last = undefined;
      });
    this.#last = mine;
    return mine;
  }

  /** Steps that have not begun are left out. */
  stop(): void {
    this.#isStopped = true;
  }
}
