import { readFile, rm, writeFile } from "node:fs/promises";
import { delay } from "@meridian/base";
import { isProcessAlive } from "./file-lock.ts";

/** A process, told apart from a later one that got the same number. */
export interface ProcessRecord {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat; empty where there is no /proc. */
  readonly startedAt: string;
}

export async function recordOf(pid: number): Promise<ProcessRecord> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The command in parentheses may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid, startedAt: fields[19] ?? "" };
}

export async function writeRecord(file: string, pid: number): Promise<void> {
  await writeFile(file, JSON.stringify(await recordOf(pid)), { mode: 0o600 });
}

export function removeRecord(file: string): Promise<void> {
  return rm(file, { force: true });
}

/** The recorded process, if it still runs. */
export async function findRecorded(file: string): Promise<ProcessRecord | undefined> {
  const record = parseRecord(await readFile(file, "utf8").catch(() => ""));
  if (!record || !isProcessAlive(record.pid)) return undefined;
  const now = await recordOf(record.pid);
  return now.startedAt === record.startedAt ? record : undefined;
}

function parseRecord(text: string): ProcessRecord | undefined {
  try {
    const { pid, startedAt } = JSON.parse(text) as Partial<ProcessRecord>;
    return typeof pid === "number" && typeof startedAt === "string" ? { pid, startedAt } : undefined;
  } catch {
    return undefined;
  }
}

/** Ends a process that is not our child: asks, waits up to `graceMs`, then kills. */
export async function endProcess(file: string, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  let signal: NodeJS.Signals = "SIGTERM";
  for (;;) {
    const record = await findRecorded(file);
    if (!record) return removeRecord(file);
    if (performance.now() > deadline) signal = "SIGKILL";
    try {
      process.kill(record.pid, signal);
    } catch (error) {
      // It ended between the look and the signal.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
    await delay(50);
  }
}
