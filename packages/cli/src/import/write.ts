import { ApiFailure, type ApplyAnswer, type Client } from "@meridian/client";
import { CommandFailure } from "../failure.ts";
import { describeResource } from "../output/format.ts";
import type { ImportPlan, PlannedDocument } from "./plan.ts";
import type { LeftBehind } from "./select.ts";

export interface WriteOptions {
  readonly client: Client;
  readonly plan: ImportPlan;
  readonly message: string;
  readonly dryRun: boolean;
  /** Leave behind what this control plane refuses, instead of importing nothing. */
  readonly skipInvalid: boolean;
}

export interface Written {
  readonly results: ApplyAnswer["results"];
  /** Of the import; absent where nothing was written. */
  readonly revision?: number;
  readonly refused: readonly LeftBehind[];
  readonly warnings: readonly string[];
}

/**
 * Writes the whole plan as one revision, after a dry run that says what it would do: where nothing would change, nothing is written.
 * @throws CommandFailure with every mistake of every document that is refused, unless `skipInvalid`
 */
export async function writeImport(options: WriteOptions): Promise<Written> {
  const { client, message, dryRun } = options;
  const { answer, documents, refused } = await rehearse(options);
  const changes = answer.results.some(({ outcome }) => outcome !== "unchanged");
  const isWritten = changes && !dryRun;
  // What a new mesh gets by default may be what somebody has deleted over there: a permission for everything among it.
  const batch = { documents: documents.map(({ document }) => document), message, initialPolicies: false };
  const final = isWritten ? await client.apply(batch) : answer;
  return { results: final.results, refused, warnings: warningsOf(final), ...(isWritten && { revision: final.revision }) };
}

interface Rehearsal {
  readonly answer: ApplyAnswer;
  readonly documents: readonly PlannedDocument[];
  readonly refused: readonly LeftBehind[];
}

/** What is refused goes, until the rest is accepted: a mesh that goes takes what lives in it along. */
async function rehearse({ client, plan, skipInvalid }: WriteOptions): Promise<Rehearsal> {
  let documents = plan.documents;
  const refused: LeftBehind[] = [];
  for (;;) {
    if (documents.length === 0) return { answer: { revision: 0, results: [] }, documents, refused };
    const batch = { documents: documents.map(({ document }) => document), dryRun: true, initialPolicies: false };
    const answer = await client.apply(batch).catch((error: unknown) => reasonsOf(error, documents));
    if ("results" in answer) return { answer, documents, refused };
    if (!skipInvalid) throw refusal(answer);
    refused.push(...answer.values());
    documents = documents.filter((document) => !answer.has(document));
  }
}

type Refusals = ReadonlyMap<PlannedDocument, LeftBehind>;

/** @throws the error itself where it is not about documents */
function reasonsOf(error: unknown, documents: readonly PlannedDocument[]): Refusals {
  const reasons = new Map<PlannedDocument, LeftBehind>();
  if (!(error instanceof ApiFailure) || error.status !== 400) throw error;
  for (const { document: index, field, reason } of error.violations) {
    const document = index === undefined ? undefined : documents[index];
    if (!document) throw error;
    const path = field.replace(/^documents\[\d+\]\.?/, "");
    const { kind, mesh, name } = document;
    const before = reasons.get(document);
    const said = path === "" ? reason : `${path}: ${reason}`;
    reasons.set(document, {
      kind,
      ...(mesh !== "" && { mesh }),
      name,
      reason: before ? `${before.reason}; ${said}` : `not valid here: ${said}`,
    });
  }
  if (reasons.size === 0) throw error;
  return reasons;
}

function refusal(refused: Refusals): CommandFailure {
  const lines = [...refused.values()].map(({ kind, mesh = "", name = "", reason }) => {
    return `${describeResource({ kind, mesh, name })}: ${reason}`;
  });
  return new CommandFailure(
    `${refused.size} ${refused.size === 1 ? "resource is" : "resources are"} refused; nothing was imported`,
    {
      lines,
      hint: "Mend them over there, or import the rest with --skip-invalid.",
    },
  );
}

/** Of what changes, each once: a thousand policies of one kind share their deprecations. */
function warningsOf(answer: ApplyAnswer): readonly string[] {
  const about = new Map<string, string[]>();
  for (const result of answer.results.filter(({ outcome }) => outcome !== "unchanged")) {
    for (const warning of result.warnings) about.set(warning, [...(about.get(warning) ?? []), describeResource(result)]);
  }
  const own = [...about].map(([warning, [first = "", ...others]]) => {
    return `${first}${others.length > 0 ? ` and ${others.length} more` : ""}: ${warning}`;
  });
  return [...own, ...(answer.warnings ?? [])];
}
