import { setImmediate } from "node:timers/promises";

/** How long to wait in vain; certificates and stores take their time on a loaded machine. */
const patienceNs = 20_000_000_000n;

/** Waits until `check` no longer throws. Turns of the event loop, not timers: those may be the test's. */
export async function until<T>(check: () => T | Promise<T>): Promise<T> {
  const startedNs = process.hrtime.bigint();
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (process.hrtime.bigint() - startedNs > patienceNs) throw error;
      await setImmediate();
    }
  }
}

/** Lets everything happen that needs no timer; for what must not happen. */
export async function settle(turns = 200): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await setImmediate();
}
