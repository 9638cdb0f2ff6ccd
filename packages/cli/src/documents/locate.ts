import type { ApiFailure } from "@meridian/client";
import type { ParsedDocument } from "@meridian/model";
import { CommandFailure } from "../failure.ts";

/** The control plane counts documents; users know files and lines. */
export function locate(failure: ApiFailure, documents: readonly ParsedDocument[]): ApiFailure | CommandFailure {
  if (failure.violations.length === 0) return failure;
  const lines: string[] = [];
  let shown: number | undefined;
  for (const { document, field, reason } of failure.violations) {
    const parsed = document === undefined ? undefined : documents[document];
    if (parsed && document !== shown) lines.push(`${parsed.source}:${parsed.line}: ${titleOf(parsed.value)}`);
    shown = document;
    const path = field.replace(/^documents\[\d+\]\.?/, "");
    lines.push(`${parsed ? "  " : ""}${path === "" ? reason : `${path}: ${reason}`}`);
  }
  return new CommandFailure(failure.detail || failure.title, { lines, cause: failure });
}

function titleOf(document: unknown): string {
  const { type, kind, name, metadata } = Object(document) as Readonly<Record<string, unknown>>;
  const ownName = name ?? (Object(metadata) as { readonly name?: unknown }).name;
  return `${String(type ?? kind ?? "document")} ${String(ownName ?? "without a name")}`;
}
