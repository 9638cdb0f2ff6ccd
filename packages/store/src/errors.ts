import { MeridianError } from "@meridian/base";
import { keyText, type ResourceKey, type Revision } from "@meridian/model";

/** A write met another version than it expected. Reread and decide again. */
export class ConflictError extends MeridianError<"CONFLICT"> {
  readonly key: ResourceKey;

  constructor(key: ResourceKey, expected: Revision | "absent", found: Revision | undefined) {
    const was = found === undefined ? "does not exist" : `is at version ${found}`;
    const wanted = expected === "absent" ? "it was expected not to exist" : `version ${expected} was expected`;
    super("CONFLICT", `${keyText(key)} ${was}, ${wanted}: read it again and repeat the change`);
    this.key = key;
  }
}

/** The log does not reach back to where the reader stands: read everything again. */
export class CompactedError extends MeridianError<"COMPACTED"> {
  constructor(after: Revision, oldest: Revision, newest: Revision, message = noChanges(after, oldest, newest)) {
    super("COMPACTED", message);
  }
}

function noChanges(after: Revision, oldest: Revision, newest: Revision): string {
  return `no changes after revision ${after}: the log holds ${oldest}..${newest}; read the current state instead`;
}

/** @throws CompactedError if the state as of `revision` is not known, because it is too old or not yet there. */
export function assertStateKnown(revision: Revision, compactedTo: Revision, newest: Revision): void {
  if (revision >= compactedTo && revision <= newest) return;
  const why =
    revision > newest
      ? `revision ${revision} does not exist: the newest is ${newest}`
      : `the log was compacted past revision ${revision}: resources can be read as of revisions ${compactedTo}..${newest}`;
  throw new CompactedError(revision, compactedTo + 1, newest, why);
}

/** The database cannot be reached. Nothing was acknowledged; a retry can help. Never carries SQL or parameters. */
export class UnavailableError extends MeridianError<"UNAVAILABLE"> {
  constructor(what: string, options?: { readonly cause?: unknown }) {
    super("UNAVAILABLE", what, options);
  }
}
