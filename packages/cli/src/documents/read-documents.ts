import { type DocumentProblem, type ParsedDocument, parseDocuments } from "@meridian/model";
import { CommandFailure } from "../failure.ts";
import type { SourceText } from "./sources.ts";

/** Every document of every source. @throws CommandFailure with the place of every mistake, or when there is no document at all */
export function readDocuments(sources: readonly SourceText[]): readonly ParsedDocument[] {
  const parsed = sources.map(({ text, source }) => parseDocuments(text, { source }));
  const problems = parsed.flatMap((result) => result.problems);
  if (problems.length > 0) {
    throw new CommandFailure("the documents are not valid YAML; nothing was sent", { lines: problems.map(describeProblem) });
  }
  const documents = parsed.flatMap((result) => result.documents);
  if (documents.length > 0) return documents;
  throw new CommandFailure(`there is no document in ${sources.map(({ source }) => source).join(", ")}`);
}

function describeProblem({ source, line, column, message }: DocumentProblem): string {
  return `${source}:${line}:${column}: ${message}`;
}
