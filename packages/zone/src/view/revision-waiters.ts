import { MeridianError } from "@meridian/base";
import type { Revision } from "@meridian/model";

/** Those who wait until the view reflects a revision. */
export class RevisionWaiters {
  readonly #waiting = new Set<{ readonly revision: Revision; readonly end: (error?: Error) => void }>();

  /** @throws MeridianError STOPPED */
  reached(revision: Revision): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = {
        revision,
        end: (error?: Error) => {
          this.#waiting.delete(waiter);
          if (error) reject(error);
          else resolve();
        },
      };
      this.#waiting.add(waiter);
    });
  }

  advanced(revision: Revision): void {
    for (const waiter of this.#waiting) if (waiter.revision <= revision) waiter.end();
  }

  stop(): void {
    for (const waiter of this.#waiting) waiter.end(new MeridianError("STOPPED", "the control plane is shutting down"));
  }
}
