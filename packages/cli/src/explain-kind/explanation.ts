import { didYouMean } from "@meridian/base";
import { usageFailure } from "../failure.ts";
import { type FieldDoc, fieldsOf } from "./fields.ts";

/** As the model defines a kind; only what is explained of it. */
export interface ExplainedKind {
  readonly kind: string;
  readonly path: string;
  readonly aliasPaths?: readonly string[];
  readonly shortName?: string;
  readonly scope: "mesh" | "global";
  readonly style: "legacy" | "spec";
  readonly category: "core" | "policy" | "secret" | "insight";
  readonly zoneOwned?: boolean;
  readonly schema: unknown;
  readonly example: string;
}

/** What `explain-kind -o json` prints. */
export interface KindExplanation {
  readonly kind: string;
  readonly path: string;
  readonly shortName?: string;
  readonly scope: "mesh" | "global";
  readonly category: ExplainedKind["category"];
  /** Absent where only a part was asked for. */
  readonly example?: string;
  readonly fields: readonly FieldDoc[];
}

/**
 * A kind, or a part of it. @param part `conf.split`, `spec.to[].rules`, also without `spec`; "" for all.
 * @throws CommandFailure (usage) where the kind has no such field
 */
export function explainKind(definition: ExplainedKind, part: string): KindExplanation {
  const { kind, path, shortName, scope, category, style, schema, example } = definition;
  const all = fieldsOf(schema, style === "spec" ? "spec" : "");
  const head = { kind, path, ...(shortName !== undefined && { shortName }), scope, category };
  if (part === "" || (part === "spec" && style === "spec")) return { ...head, example, fields: all };
  const wanted = [plain(part), `spec.${plain(part)}`];
  const fields = all.filter(({ path: own }) => wanted.some((prefix) => isBelow(plain(own), prefix)));
  if (fields.length > 0) return { ...head, fields };
  const paths = all.map(({ path: own }) => own);
  const last = part.split(".").at(-1) ?? part;
  const near = paths.filter((own) => plain(own).split(".").at(-1)?.toLowerCase() === last.toLowerCase());
  throw usageFailure(
    `${kind} has no field "${part}"`,
    near.length > 0
      ? `Did you mean ${near.slice(0, 3).join(" or ")}?`
      : (didYouMean(part, paths) ?? `See all: meridian explain-kind ${kind}`),
  );
}

/** Indexes and item marks do not count: `to[0].rules`, `to[].rules` and `to.rules` are the same. */
function plain(path: string): string {
  return path.replace(/\[[^\]]*\]/g, "");
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}.`);
}
