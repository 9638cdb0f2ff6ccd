import { delay, errorMessage } from "@meridian/base";

export interface WaitOptions {
  /** Default 45,000: what a machine that runs ten times too much needs, and less than any test has, so that the reason is told. */
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

type Met<T> = Exclude<T, undefined | null | false>;

/**
 * Asks until `condition` answers something other than undefined or false, and returns it. What it throws counts as "not yet".
 * @throws Error that says what was waited for, and the last failure.
 */
export async function waitFor<T>(what: string, condition: () => T | Promise<T>, options: WaitOptions = {}): Promise<Met<T>> {
  const { timeoutMs = 45_000, intervalMs = 20 } = options;
  const deadline = performance.now() + timeoutMs;
  let last: unknown = "it did not become true";
  while (performance.now() < deadline) {
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) return value as Met<T>;
    } catch (error) {
      last = errorMessage(error);
    }
    await delay(intervalMs);
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}: ${String(last)}`);
}
