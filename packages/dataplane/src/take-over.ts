import { join } from "node:path";
import type { Logger } from "@meridian/base";
import { DataplaneInputError } from "./errors.ts";
import { withFileLock } from "./file-lock.ts";
import { endProcess, findRecorded, removeRecord, writeRecord } from "./process-record.ts";

const envoyGraceMs = 2_000;

/** Files in the work directory that say which processes belong to it. */
export function envoyRecordPath(workDirectory: string): string {
  return join(workDirectory, "envoy.pid");
}

function supervisorRecordPath(workDirectory: string): string {
  return join(workDirectory, "supervisor.pid");
}

/**
 * Makes this process the only supervisor of the work directory, and ends an Envoy that a killed supervisor left behind: it holds the
 * ports that ours needs.
 * @throws DataplaneInputError when another supervisor runs there.
 */
export async function takeOver(workDirectory: string, logger: Logger): Promise<void> {
  const file = supervisorRecordPath(workDirectory);
  await withFileLock(join(workDirectory, "take-over.lock"), async () => {
    const other = await findRecorded(file);
    if (other && other.pid !== process.pid) {
      throw new DataplaneInputError(`this data plane runs already, as process ${other.pid} in ${workDirectory}`);
    }
    await writeRecord(file, process.pid);
  });
  const envoy = await findRecorded(envoyRecordPath(workDirectory));
  if (!envoy) return;
  logger.warn({ pid: envoy.pid }, "ending the Envoy that a former supervisor left behind");
  await endProcess(envoyRecordPath(workDirectory), envoyGraceMs);
}

export function release(workDirectory: string): Promise<void> {
  return removeRecord(supervisorRecordPath(workDirectory));
}
