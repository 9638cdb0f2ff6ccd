import { setImmediate } from "node:timers/promises";

/** Waits until `check` no longer throws. Turns of the event loop, not timers: those may be the test's. */
export async function until<T>(check: () => T | Promise<T>, turns = 20_000): Promise<T> {
  for (let turn = 1; ; turn++) {
    try {
      return await check();
    } catch (error) {
      if (turn === turns) throw error;
      await setImmediate();
    }
  }
}

/** Lets everything happen that needs no timer; for what must not happen. */
export async function settle(turns = 200): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await setImmediate();
}
