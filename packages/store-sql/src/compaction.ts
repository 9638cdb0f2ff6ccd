import type { Revision } from "@meridian/model";
import { lte, sql } from "drizzle-orm";
import type { SqlEngine } from "./engine.ts";
import { changeLog, logPosition, revisions } from "./schema.ts";

/**
 * First the border moves, under the lock and in no time: from then on no reader trusts the old part. Then the rows go, outside
 * the lock: writers do not wait, and a crash between leaves rows that the next compaction takes.
 */
export async function compactLog(engine: SqlEngine, upTo: Revision): Promise<void> {
  const border = await engine.write(async (db) => {
    const [moved] = await db
      .update(logPosition)
      .set({ compactedTo: sql`greatest(${logPosition.compactedTo}, least(${upTo}, ${logPosition.newest}))` })
      .returning({ compactedTo: logPosition.compactedTo });
    return moved?.compactedTo ?? 0;
  });
  await engine.update(async (db) => {
    await db.delete(changeLog).where(lte(changeLog.revision, border));
    await db.delete(revisions).where(lte(revisions.revision, border));
  });
}
