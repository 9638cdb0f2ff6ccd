import type { ResourceKey } from "@meridian/model";
import { assertStorableKey, keyId, type StatusEntry } from "@meridian/store";
import { sql } from "drizzle-orm";
import type { Sql } from "./engine.ts";
import { status } from "./schema.ts";
import { jsonText, unnestRows } from "./unnest.ts";

export async function writeStatus(db: Sql, entries: readonly StatusEntry[], time: string): Promise<void> {
  // An upsert refuses to touch a row twice: the last value of a key wins. Sorted, so that parallel writes take locks in one order.
  const last = new Map(entries.map((entry) => [keyId(entry.key), entry]));
  const cells = [...last.keys()].sort().flatMap((id) => {
    const entry = last.get(id);
    return entry === undefined ? [] : { ...keyCells(entry.key), value: jsonText(entry.value ?? null), modified: time };
  });
  if (cells.length === 0) return;
  const rows = unnestRows(cells, ["kind", "mesh", "name", "value", "modified"]);
  await db.execute(sql`insert into ${status} (kind, mesh, name, value, modification_time)
    select kind, mesh, name, value::json, modified::timestamptz from ${rows}
    on conflict (kind, mesh, name) do update set value = excluded.value, modification_time = excluded.modification_time`);
}

export async function removeStatus(db: Sql, keys: readonly ResourceKey[]): Promise<void> {
  if (keys.length === 0) return;
  const rows = unnestRows(keys.map(keyCells), ["kind", "mesh", "name"]);
  const same = sql`${status.kind} = rows.kind and ${status.mesh} = rows.mesh and ${status.name} = rows.name`;
  await db.execute(sql`delete from ${status} using ${rows} where ${same}`);
}

function keyCells(key: ResourceKey) {
  assertStorableKey(key);
  return { kind: key.kind, mesh: key.mesh, name: key.name };
}
