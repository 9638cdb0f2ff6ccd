import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Keeps a second process from opening the same database folder: two PGlites would destroy it, two lmdbs would not hear of each other. A lock whose process is
 * gone (kill -9) is taken over.
 * @returns the function that frees it. @throws Error that names the process that holds it.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, "meridian.lock");
  const own = `${file}.${process.pid}`;
  await writeFile(own, `${process.pid} ${await startOf(process.pid)}`);
  try {
    await takeLock(own, file, directory);
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(file, { force: true });
}

/** A link is made whole or not at all, so a reader never sees a lock that is half written. */
async function takeLock(own: string, file: string, directory: string): Promise<void> {
  for (;;) {
    try {
      return await link(own, file);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const [pid, start] = (await readFile(file, "utf8").catch(() => "")).split(" ");
    if (pid && (await startOf(Number(pid))) === start) {
      throw new Error(`${directory} is in use by process ${pid}: stop it first, or give this one another folder`);
    }
    await rm(file, { force: true });
  }
}

/** When a process began, in clock ticks since boot (proc(5), field 22), so that a pid that came back is not taken for it. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (text !== undefined) return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "alive";
  try {
    process.kill(pid, 0);
    return "alive";
  } catch {
    return "gone";
  }
}
