import { secretNames } from "@meridian/admission";
import { labelNames, type ResourceKey } from "@meridian/model";
import type { NetChange } from "@meridian/store";
import { whyReadOnly } from "../kinds.ts";
import type { ApiDeps } from "../ports.ts";

/** What decides whose a resource is. */
export interface Ownership {
  readonly deps: Pick<ApiDeps, "kinds" | "mode" | "readOnly">;
  /** Meshes that are gone and come back with this rollback. */
  readonly returningMeshes: ReadonlySet<string>;
}

/**
 * Why a rollback leaves a resource as it is; undefined: users own it, so it goes back. Going back must never revive what was revoked,
 * cut off what is connected, or take from a zone what is the zone's.
 */
export function whyLeftAlone({ key, before, after }: NetChange, { deps, returningMeshes }: Ownership): string | undefined {
  const kind = deps.kinds.get(key.kind);
  if (!kind) return "this version does not know the kind";
  const labels = { ...after?.labels, ...before?.labels };
  const origin = labels[labelNames.origin];
  if (deps.mode === "global" && (kind.zoneOwned || origin === "zone")) return "belongs to a zone";
  if (deps.mode === "zone" && origin === "global") return "comes from the global control plane";
  const reason = whyReadOnly(kind, deps);
  if (reason !== undefined) return reason;
  if (labels[labelNames.managedBy] !== undefined) return "is kept by a control plane";
  if (isOwnKeyOrToken(key) && !returningMeshes.has(key.mesh)) return "is a key or token that control planes made";
  // A zone registers itself when it connects for the first time.
  if (key.kind === "Zone" && !after) return "has joined since";
  return undefined;
}

/**
 * Signing keys, CAs and the admin's token: replacing one breaks every connection or token that relies on it, and deleting one is how
 * a token is revoked. Only a mesh that comes back gets its own back: then its proxies keep their identity.
 */
function isOwnKeyOrToken({ kind, mesh, name }: ResourceKey): boolean {
  if (kind !== "Secret" && kind !== "GlobalSecret") return false;
  const prefixes =
    kind === "Secret"
      ? [secretNames.caCert(mesh, ""), secretNames.caKey(mesh, ""), secretNames.dataplaneTokenKey(mesh)]
      : [secretNames.zoneTokenKey, secretNames.userTokenKey, secretNames.adminUserToken];
  return prefixes.some((prefix) => name.startsWith(prefix));
}

/** Meshes that do not exist now and did then. */
export function returningMeshes(changes: readonly NetChange[]): ReadonlySet<string> {
  return new Set(changes.flatMap(({ key, before, after }) => (key.kind === "Mesh" && !before && after ? key.name : [])));
}
