import {
  compareText,
  type KindDefinition,
  labelNames,
  type MeshSpec,
  type Resource,
  type ResourceKey,
  type Violation,
} from "@meridian/model";
import type { Change } from "@meridian/store";
import type { BatchView } from "./batch-view.ts";
import { checkDeletableHere } from "./labels.ts";
import type { AdmissionDeps, WriteSource } from "./ports.ts";
import { secretsInUse } from "./secrets.ts";

export interface DeleteOutcome {
  /** What goes with it. */
  readonly derived: readonly Change[];
  readonly violations: readonly Violation[];
}

export interface DeleteContext {
  readonly deps: AdmissionDeps;
  readonly view: BatchView;
  readonly source: WriteSource;
}

/** Rules and consequences of deleting what is stored. Sources: resources-legacy.md sections 16 and 19, multizone.md section 3. */
export async function prepareDelete(stored: Resource, context: DeleteContext): Promise<DeleteOutcome> {
  const violations = context.source === "user" ? checkDeletableHere(stored, context.deps) : [];
  if (violations.length > 0) return { derived: [], violations };
  if (stored.kind === "Mesh") return deleteMesh(stored.name, context);
  if (stored.kind === "Secret") return deleteSecret(stored, context);
  if (stored.kind === "Zone") return deleteZone(stored.name, context);
  return { derived: [], violations: [] };
}

async function deleteMesh(mesh: string, { deps, view }: DeleteContext): Promise<DeleteOutcome> {
  const dataplanes = await view.remaining("Dataplane", { mesh });
  if (dataplanes.length > 0) {
    const message = "unable to delete mesh, there are still some dataplanes attached";
    return { derived: [], violations: [{ path: "mesh", message }] };
  }
  return { derived: await deletesOfMesh(mesh, deps, view), violations: [] };
}

/** Everything that lives in a mesh goes with it, its secrets included. */
export async function deletesOfMesh(mesh: string, deps: AdmissionDeps, view: BatchView): Promise<readonly Change[]> {
  const scoped = deps.kinds.all.filter(({ scope, category }) => scope === "mesh" && category !== "insight");
  const lists = await Promise.all(scoped.map(({ kind }) => view.remaining(kind, { mesh })));
  return lists.flat().map(deletionOf);
}

async function deleteSecret(secret: Resource, { view }: DeleteContext): Promise<DeleteOutcome> {
  const mesh = await view.resulting<MeshSpec>({ kind: "Mesh", mesh: "", name: secret.mesh });
  const use = mesh && secretsInUse(mesh.name, mesh.spec).find((candidate) => candidate.secret === secret.name);
  if (!use) return { derived: [], violations: [] };
  const message =
    `The secret "${secret.name}" that you are trying to remove is currently in use in Mesh "${secret.mesh}" in mTLS backend ` +
    `"${use.backend}". Please remove the reference from the "${use.backend}" backend before removing the secret.`;
  return { derived: [], violations: [{ path: "name", message }] };
}

/** A zone that is connected would come back at once, and its resources with it. */
async function deleteZone(zone: string, { deps, view }: DeleteContext): Promise<DeleteOutcome> {
  if (deps.role !== "global") return { derived: [], violations: [] };
  if (await deps.isZoneOnline?.(zone)) {
    const message = "unable to delete Zone, Zone CP is still connected, please shut it down first";
    return { derived: [], violations: [{ path: "zone", message }] };
  }
  const uploaded = deps.kinds.all.filter(({ sync, category }) => sync.zoneToGlobal && category !== "insight");
  const labels = { [labelNames.origin]: "zone", [labelNames.zone]: zone };
  const lists = await Promise.all(uploaded.map(({ kind }) => view.remaining(kind, { labels })));
  return { derived: lists.flat().map(deletionOf), violations: [] };
}

function deletionOf({ kind, mesh, name }: ResourceKey): Change {
  return { op: "delete", key: { kind, mesh, name } };
}

/** The insights that belong to deleted resources: kind `X` has kind `XInsight`, with the same name. */
export function insightsOf(changes: readonly Change[], kinds: readonly KindDefinition[]): readonly ResourceKey[] {
  const insights = new Set(kinds.filter(({ category }) => category === "insight").map(({ kind }) => kind));
  return changes
    .flatMap((change) => (change.op === "delete" ? [{ ...change.key, kind: `${change.key.kind}Insight` }] : []))
    .filter(({ kind }) => insights.has(kind))
    .sort((a, b) => compareText(a.name, b.name));
}
