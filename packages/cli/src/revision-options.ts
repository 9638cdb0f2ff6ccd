import type { Client, LogQuery } from "@meridian/client";
import type { Revision } from "@meridian/model";
import { usageFailure } from "./failure.ts";
import { resolveKind } from "./kind-names.ts";

/** @param what how the user knows it: `--before`, `the revision`. @throws CommandFailure (usage) */
export function parseRevision(text: string, what: string): Revision {
  if (/^\d{1,15}$/.test(text) && Number(text) > 0) return Number(text);
  throw usageFailure(
    `${what} must be a revision, a whole number greater than 0: "${text}" is none`,
    "See which there are: meridian history",
  );
}

/** Which part of the log `[kind] [name]` and `--mesh` mean, and how it is called in messages. */
export interface LogTarget extends LogQuery {
  readonly description: string;
}

/**
 * A name is looked for in the mesh `default` unless `mesh` says otherwise; a kind alone in all meshes.
 * @throws CommandFailure (usage) for a kind that does not exist
 */
export async function resolveLogTarget(
  client: Client,
  [typedKind, name]: readonly (string | undefined)[],
  mesh: string | undefined,
): Promise<LogTarget> {
  if (typedKind === undefined)
    return { ...(mesh !== undefined && { mesh }), description: mesh === undefined ? "" : `mesh ${mesh}` };
  const kind = await resolveKind(client, typedKind);
  const ofMesh = kind.scope === "Global" ? undefined : (mesh ?? (name === undefined ? undefined : "default"));
  const place = ofMesh === undefined ? "" : name === undefined ? ` in mesh ${ofMesh}` : ` ${ofMesh}/`;
  return {
    kind: kind.name,
    ...(ofMesh !== undefined && { mesh: ofMesh }),
    ...(name !== undefined && { name }),
    description: name === undefined ? `${kind.name}${place}` : `${kind.name}${place || " "}${name}`,
  };
}
