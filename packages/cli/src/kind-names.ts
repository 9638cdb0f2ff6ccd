import { isNear, squash } from "@meridian/base";
import type { Client, ResourceKindAnswer } from "@meridian/client";
import { usageFailure } from "./failure.ts";

/** What a kind may be called. */
export interface KindNames {
  readonly name: string;
  readonly path: string;
  readonly aliasPaths?: readonly string[];
  readonly shortName?: string;
  readonly singularDisplayName: string;
  readonly pluralDisplayName: string;
}

/**
 * The kind that a user means: `TrafficRoute`, `traffic-route`, `traffic-routes`, `trafficroute`, or a short name. The control plane
 * says which kinds there are, so the command line needs no release for a new one.
 */
export async function resolveKind(client: Client, typed: string): Promise<ResourceKindAnswer> {
  return findKind(await client.kinds(), typed);
}

/** @throws CommandFailure (usage) that names what is near, or everything that there is */
export function findKind<K extends KindNames>(kinds: readonly K[], typed: string): K {
  const wanted = squash(typed);
  const exact = kinds.find((kind) => namesOf(kind).includes(wanted));
  if (exact) return exact;
  const near = kinds.filter((kind) => namesOf(kind).some((name) => isNear(name, wanted))).map(preferredName);
  const known = kinds.map(preferredName).sort();
  throw usageFailure(
    `there is no kind "${typed}"`,
    near.length > 0 ? `Did you mean ${near.slice(0, 3).join(" or ")}?` : `Known kinds: ${known.join(", ")}`,
  );
}

/** `traffic-route`, as completion offers it. */
export function preferredName(kind: Pick<KindNames, "path">): string {
  return kind.path;
}

function namesOf(kind: KindNames): readonly string[] {
  const { name, path, aliasPaths = [], shortName = "", singularDisplayName, pluralDisplayName } = kind;
  const names = [name, `${name}s`, path, ...aliasPaths, shortName, singularDisplayName, pluralDisplayName];
  return names.filter((one) => one !== "").map(squash);
}
