import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CliIo } from "../io.ts";
import { withProgress } from "./spinner.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function terminalOf(isTty: boolean): { readonly io: CliIo; readonly written: () => string } {
  let written = "";
  const io: CliIo = {
    stdout: { write: () => undefined },
    stderr: { write: (text) => (written += text) },
    stdin: async () => "",
    env: {},
    fetch: globalThis.fetch,
    isTty,
    homeDirectory: "/",
    version: "0.1.0",
    now: () => Date.now(),
  };
  return { io, written: () => written };
}

test("work of more than a second says what it is at, and leaves no trace", async () => {
  const { io, written } = terminalOf(true);
  let finish: (value: string) => void = () => undefined;
  const work = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const result = withProgress(io, (say) => {
    say("reading 3 of 7 kinds");
    return work;
  });
  await vi.advanceTimersByTimeAsync(900);
  expect(written()).toBe("");
  await vi.advanceTimersByTimeAsync(300);
  expect(written()).toContain("reading 3 of 7 kinds …");
  finish("done");
  expect(await result).toBe("done");
  expect(written().endsWith("\r\u001b[K")).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("nothing is written where the output is no terminal, or the work is quick, or fails", async () => {
  const piped = terminalOf(false);
  expect(await withProgress(piped.io, async () => 1)).toBe(1);
  const quick = terminalOf(true);
  await expect(withProgress(quick.io, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect([piped.written(), quick.written(), vi.getTimerCount()]).toEqual(["", "", 0]);
});
