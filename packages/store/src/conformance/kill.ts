import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import type { Store } from "../store.ts";

export interface KillOptions {
  /** A program that opens the store in the directory of its first argument and calls `writeUntilKilled`. */
  readonly program: () => string;
  readonly directory: () => string;
  readonly open: (directory: string) => Promise<Store>;
}

interface Acknowledged {
  readonly revision: number;
  readonly writer: number;
  readonly n: number;
}

/** The promise of `commit`, "durable when the promise resolves", against kill -9 of the process that writes. */
export function describeKill(name: string, options: KillOptions): void {
  describe(`kill -9: ${name}`, () => {
    it("has everything that was acknowledged after a kill in the middle of writes, three times over", async () => {
      let before = 0;
      for (const killAfter of [150, 400, 250]) {
        const acknowledged = await runUntilKilled(options, killAfter);
        expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter);
        before = await expectAll(options, acknowledged, before);
      }
    });

    it("refuses a second process, and names the first", async () => {
      const first = await options.open(options.directory());
      await expect(options.open(options.directory())).rejects.toThrow(`process ${process.pid}`);
      await first.close();
      await (await options.open(options.directory())).close();
    });
  });
}

async function runUntilKilled(options: KillOptions, killAfter: number): Promise<readonly Acknowledged[]> {
  const child = spawn(process.execPath, [options.program(), options.directory()], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    // The last line may be cut by the kill; then its write counts as not acknowledged.
    if (line.endsWith("}")) acknowledged.push(JSON.parse(line) as Acknowledged);
    if (acknowledged.length === killAfter) child.kill("SIGKILL");
  }
  expect(await exited).toEqual([null, "SIGKILL"]);
  return acknowledged;
}

/** @returns the revision that was found. */
async function expectAll(options: KillOptions, acknowledged: readonly Acknowledged[], before: number): Promise<number> {
  const store = await options.open(options.directory());
  try {
    const { entries } = await store.changes(before);
    const logged = new Map(entries.map((entry) => [entry.revision, entry.resource]));
    for (const { revision, writer, n } of acknowledged) {
      expect(logged.get(revision)).toMatchObject({ name: `r-${writer}`, spec: { n } });
      expect(Number(await store.meta(`n-${writer}`))).toBeGreaterThanOrEqual(n);
    }
    const newest = await store.revision();
    // What was not acknowledged may be there too, but then whole and without gaps.
    expect([...logged.keys()]).toEqual(Array.from({ length: newest - before }, (_, index) => before + 1 + index));
    expect((await store.commit([], { author: "test" })).revision).toBe(newest);
    return newest;
  } finally {
    await store.close();
  }
}
