import type { ApplyAnswer } from "@meridian/client";
import { compareText } from "@meridian/model";
import type { CliIo } from "../io.ts";
import { renderJson, renderYaml } from "../output/format.ts";
import { styleOf } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import type { LeftBehind } from "./select.ts";

/** What an import did, as `-o json` prints it. */
export interface ImportReport {
  readonly source: string;
  readonly dryRun: boolean;
  /** Absent where nothing was written. */
  readonly revision?: number;
  readonly kinds: readonly KindCount[];
  readonly taken: readonly Pick<ApplyAnswer["results"][number], "kind" | "mesh" | "name" | "outcome">[];
  readonly notTaken: readonly LeftBehind[];
  /** What the user should know of, in sentences. */
  readonly notes: readonly string[];
}

interface KindCount {
  readonly kind: string;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Absent where that control plane did not say how many there are. */
  readonly notTaken?: number;
}

export function countKinds(taken: ImportReport["taken"], notTaken: readonly LeftBehind[]): readonly KindCount[] {
  const kinds = [...new Set([...taken, ...notTaken].map(({ kind }) => kind))].sort(compareText);
  return kinds.map((kind) => {
    const of = (outcome: string): number => taken.filter((one) => one.kind === kind && one.outcome === outcome).length;
    const left = notTaken.filter((one) => one.kind === kind);
    const isCounted = left.every(({ count, name }) => count !== undefined || name !== undefined);
    const notTakenCount = left.reduce((sum, { count = 1 }) => sum + count, 0);
    const counts = { created: of("created"), updated: of("updated"), unchanged: of("unchanged") };
    return { kind, ...counts, ...(isCounted && { notTaken: notTakenCount }) };
  });
}

export function printReport(io: CliIo, report: ImportReport, output: string): void {
  if (output === "json") io.stdout.write(renderJson(report));
  else if (output === "yaml") io.stdout.write(renderYaml([report]));
  else if (output === "name")
    for (const { kind, mesh, name } of report.taken) io.stdout.write(`${[kind, mesh, name].filter(Boolean).join("/")}\n`);
  else printTable(io, report);
}

function printTable(io: CliIo, report: ImportReport): void {
  const style = styleOf(io);
  const rows = report.kinds.map(({ kind, created, updated, unchanged, notTaken }) => {
    return [kind, ...[created, updated, unchanged].map(String), notTaken === undefined ? "?" : String(notTaken)];
  });
  io.stdout.write(renderTable(["KIND", "CREATED", "UPDATED", "UNCHANGED", "NOT TAKEN"], rows, style));
  if (report.notTaken.length > 0) io.stdout.write(`\n${style.bold("Not taken")}\n${groupReasons(report.notTaken).join("\n")}\n`);
  for (const note of report.notes) io.stderr.write(`${style.warn("Note:")} ${note}\n`);
  io.stdout.write(`\n${conclusionOf(report)}\n`);
}

const namesShown = 5;

/** One line per kind and reason, with the first names. */
function groupReasons(leftBehind: readonly LeftBehind[]): readonly string[] {
  const groups = new Map<string, LeftBehind[]>();
  for (const left of leftBehind) {
    const key = JSON.stringify([left.kind, left.reason]);
    groups.set(key, [...(groups.get(key) ?? []), left]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    const names = group.flatMap(({ mesh, name }) => (name === undefined ? [] : [mesh === undefined ? name : `${mesh}/${name}`]));
    const more = names.length > namesShown ? [`and ${names.length - namesShown} more`] : [];
    const count = first?.count === undefined ? "" : ` (${first.count})`;
    const which = names.length === 0 ? count : ` ${[...names.slice(0, namesShown), ...more].join(", ")}`;
    return `  ${first?.kind}${which}: ${first?.reason}`;
  });
}

function conclusionOf({ taken, revision, dryRun, source }: ImportReport): string {
  const changed = taken.filter(({ outcome }) => outcome !== "unchanged").length;
  if (changed === 0) return `nothing to change: everything that can be taken from ${source} is here already`;
  const what = `${changed} ${changed === 1 ? "resource" : "resources"} of ${source}`;
  return dryRun ? `would import ${what} (dry run)` : `imported ${what} as revision ${revision}`;
}
