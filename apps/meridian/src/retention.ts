import { delay, errorMessage, type Logger } from "@meridian/base";
import type { ResourceStore } from "@meridian/store";

const intervalMs = 60_000;

/** Drops what the change log holds beyond the newest `revisions`, once a minute, until `signal` aborts. */
export async function keepHistory(
  store: ResourceStore,
  revisions: number,
  options: { readonly signal: AbortSignal; readonly logger: Logger },
): Promise<void> {
  while (!options.signal.aborted) {
    try {
      const oldestKept = (await store.revision()) - revisions;
      if (oldestKept > 0) await store.compact(oldestKept);
    } catch (error) {
      options.logger.warn(
        { reason: errorMessage(error) },
        "the change log could not be compacted; it is tried again in a minute",
      );
    }
    await delay(intervalMs, options.signal);
  }
}
