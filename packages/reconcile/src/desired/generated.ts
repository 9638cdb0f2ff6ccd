import { type MeshServiceSpec, type Resource, type ResourceKey, sameContent } from "@meridian/model";
import {
  canNameMeshService,
  generatedMeshService,
  generatedWorkload,
  graceLabel,
  graceStartMs,
  graceText,
  isLocal,
  isManagedBy,
  makesMeshServices,
  managers,
  observedSpec,
  type Tally,
} from "@meridian/services";
import { type Context, keep, type Wish, withLabels } from "./desired.ts";
import { withLingering } from "./lingering.ts";

/** What a MeshService's labels and spec should be, from the data planes of this zone. Those of other zones are theirs. */
export function desiredMeshService(key: ResourceKey, stored: Resource<MeshServiceSpec> | undefined, context: Context): Wish {
  const mesh = context.state.mesh(key.mesh);
  const members = context.state.dataPlanes.membersOf(key.mesh);
  // All that a mesh holds goes with it.
  if (!mesh || (stored && !isLocal(stored))) return keep;
  const offering = members?.offering(key.name);
  if (!stored) {
    const isWanted = makesMeshServices(mesh) && canNameMeshService(key.name) && offering !== undefined && offering.size > 0;
    return isWanted ? { op: "put", resource: generatedMeshService(key, offering, context.place) } : keep;
  }
  if (!members) return keep;
  if (!isManagedBy(stored, managers.meshService)) return observed(stored, members.behind(key.name), context);
  if (!makesMeshServices(mesh)) return { op: "delete" };
  if (!offering || offering.size === 0) return withoutMembers(stored, context);
  const { labels, spec } = generatedMeshService(key, offering, context.place);
  const identities = withLingering(stored, spec.identities ?? [], context);
  return putIfDifferent(stored, {
    ...withLabels(stored, { ...labels, [graceLabel]: undefined }),
    spec: { ...spec, identities },
  });
}

/** What a Workload should be: there as long as a data plane says that it belongs to it. */
export function desiredWorkload(key: ResourceKey, stored: Resource | undefined, context: Context): Wish {
  if (context.state.mesh(key.mesh) === undefined || (stored && !isLocal(stored))) return keep;
  const isUsed = context.state.dataPlanes.workload(key.mesh, key.name).size > 0;
  if (!stored) return isUsed ? { op: "put", resource: generatedWorkload(key, context.place) } : keep;
  if (!isManagedBy(stored, managers.workload)) return keep;
  if (!isUsed) return withoutMembers(stored, context);
  return putIfDifferent(stored, withLabels(stored, { [graceLabel]: undefined }));
}

/** Of a MeshService that a user wrote, its zone fills in only what it sees: who clients find there, and whether anybody is there. */
function observed(stored: Resource<MeshServiceSpec>, tally: Tally, context: Context): Wish {
  const seen = observedSpec(tally);
  // Clients that still hold an endpoint must not forget who they may find there.
  const identities = tally.size === 0 ? stored.spec.identities : withLingering(stored, seen.identities, context);
  const spec = { ...stored.spec, state: seen.state, ...(identities && identities.length > 0 && { identities }) };
  return putIfDifferent(stored, { ...withLabels(stored, {}), spec });
}

/** Nobody is left: it stays for a while, so that a restart of all its data planes does not take its name and address. */
function withoutMembers(stored: Resource, { nowMs, graceMs, lookAgain }: Context): Wish {
  const startMs = graceStartMs(stored);
  if (startMs !== undefined && nowMs >= startMs + graceMs) return { op: "delete" };
  lookAgain(stored, (startMs ?? nowMs) + graceMs - nowMs);
  if (startMs !== undefined) return keep;
  const { spec } = stored as Resource<MeshServiceSpec>;
  const marked = withLabels(stored, { [graceLabel]: graceText(nowMs) });
  return { op: "put", resource: stored.kind === "MeshService" ? { ...marked, spec: { ...spec, state: "Unavailable" } } : marked };
}

function putIfDifferent(stored: Resource, wanted: Omit<Resource, "version" | "creationTime" | "modificationTime">): Wish {
  const { status: _status, ...content } = stored;
  return sameContent(content, wanted) ? keep : { op: "put", resource: wanted };
}
