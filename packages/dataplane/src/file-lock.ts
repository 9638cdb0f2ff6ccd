import { open, readFile, rm } from "node:fs/promises";
import { delay } from "@meridian/base";

/** How often a waiting process looks whether the lock is free. */
const pollMs = 100;

/** Runs `work` while holding a lock file that names this process; the lock of a process that died is taken over. */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await tryLock(path))) {
    if (!(await isHolderAlive(path))) await rm(path, { force: true });
    else await delay(pollMs);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function isHolderAlive(path: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => "");
  // Empty: created this moment, its holder has not written yet; or released meanwhile, and the next try will see that.
  return text === "" || isProcessAlive(Number(text));
}

export function isProcessAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
