import { bigint, customType, index, integer, jsonb, pgTable, primaryKey, smallint, timestamp } from "drizzle-orm/pg-core";

/** Compares by bytes: an index then has the order that `list` promises, whatever the collation of the database. */
const text = customType<{ data: string }>({ dataType: () => 'text collate "C"' });

/**
 * JSON kept as it was written. `jsonb` would refuse \u0000 inside a string, which is legal JSON, and reorder fields.
 * Written as text (see `unnest.ts`); both drivers hand it out parsed, and drizzle's own `json` type would parse strings twice.
 */
const json = customType<{ data: unknown }>({ dataType: () => "json" });

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });
const revision = (name: string) => bigint(name, { mode: "number" });

const keyColumns = () => ({ kind: text("kind").notNull(), mesh: text("mesh").notNull(), name: text("name").notNull() });

/** The current state: one row a resource. Its primary key is also the index for keyset paging. */
export const resources = pgTable(
  "resources",
  {
    ...keyColumns(),
    version: revision("version").notNull(),
    creationTime: instant("creation_time").notNull(),
    modificationTime: instant("modification_time").notNull(),
    labels: jsonb("labels").$type<Readonly<Record<string, string>>>().notNull(),
    spec: json("spec").notNull(),
    status: json("status"),
  },
  (table) => [primaryKey({ columns: [table.kind, table.mesh, table.name] })],
);

/** What each revision did, in order. */
export const changeLog = pgTable(
  "change_log",
  {
    revision: revision("revision").notNull(),
    ordinal: integer("ordinal").notNull(),
    op: text("op").$type<"put" | "delete">().notNull(),
    ...keyColumns(),
    resource: json("resource"),
    previous: json("previous"),
  },
  (table) => [
    primaryKey({ columns: [table.revision, table.ordinal] }),
    // The history of one resource, and its state as of a revision, cost what they return, however long the log is.
    index("change_log_key_revision_index").on(table.kind, table.mesh, table.name, table.revision, table.ordinal),
  ],
);

/** Who wrote a revision, and when. */
export const revisions = pgTable("revisions", {
  revision: revision("revision").primaryKey(),
  time: instant("time").notNull(),
  author: text("author").notNull(),
  address: text("address"),
  message: text("message"),
});

/** One row: where the log ends and where it begins. Apart from the log, so that compaction of everything keeps the counter. */
export const logPosition = pgTable("log_position", {
  id: smallint("id").primaryKey(),
  newest: revision("newest").notNull(),
  compactedTo: revision("compacted_to").notNull(),
});

/** Small facts written together with a commit. */
export const meta = pgTable("meta", { name: text("name").primaryKey(), value: text("value").notNull() });

/** Status and insights: last write wins, no log. */
export const status = pgTable(
  "status",
  { ...keyColumns(), value: json("value").notNull(), modificationTime: instant("modification_time").notNull() },
  (table) => [primaryKey({ columns: [table.kind, table.mesh, table.name] })],
);
