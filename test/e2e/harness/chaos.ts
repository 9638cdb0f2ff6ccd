import { delay } from "@meridian/base";
import type { ManagedProcess } from "./managed-process.ts";

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** When a process was away; `untilMs` is when it was started again. Both on the process's clock. */
export interface Outage {
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface ChaosOptions {
  readonly victims: readonly ManagedProcess[];
  readonly random: () => number;
  readonly durationMs: number;
}

/**
 * Kills one to three processes at once, waits a little, starts them again in any order, waits a little, and so on. Nothing waits for a
 * process to be ready: the next kill may come while it still starts. At the end all of them run.
 */
export async function wreakHavoc({ victims, random, durationMs }: ChaosOptions): Promise<readonly Outage[]> {
  const outages: Outage[] = [];
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    const chosen = shuffled(victims, random).slice(0, 1 + Math.floor(random() * 3));
    const killed = await Promise.all(
      chosen.map(async (process) => {
        const fromMs = performance.now();
        await process.kill();
        return { process, fromMs };
      }),
    );
    await delay(random() * 1_500);
    for (const { process, fromMs } of shuffled(killed, random)) {
      await delay(random() * 300);
      process.start();
      outages.push({ name: process.name, fromMs, untilMs: performance.now() });
    }
    await delay(random() * 2_500);
  }
  return outages;
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
