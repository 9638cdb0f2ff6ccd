import type { WriteRequest } from "@meridian/admission";
import {
  canonicalJson,
  keyText,
  type MeshServiceSpec,
  type Resource,
  type ResourceInput,
  type ResourceKey,
} from "@meridian/model";
import { hostOf, isLocal, type ServiceKind, type ServiceStatus, vipOf } from "@meridian/services";
import type { Change } from "@meridian/store";
import type { Context, Wish } from "./desired/desired.ts";
import { desiredMeshService, desiredWorkload } from "./desired/generated.ts";
import { nameStep } from "./desired/name.ts";
import { desiredStatus, differsInCountsOnly } from "./desired/status.ts";
import type { State } from "./state/state.ts";
import { vipGuard } from "./state/state.ts";

/** A key that has to be looked at. `withCounts`: its data planes are why; else its counts stay what they are. */
export interface Due {
  readonly key: ResourceKey;
  readonly withCounts: boolean;
}

/** What has to be written so that everything that was looked at is as it should be. */
export interface Plan {
  readonly requests: readonly { readonly request: WriteRequest; readonly due: Due }[];
  readonly statuses: readonly { readonly change: Change; readonly due: Due }[];
  /** Host names of services by tags. */
  readonly names: readonly { readonly change: Change; readonly due: Due }[];
  /** Guards `statuses` and `names` if one of them hands out an address. */
  readonly guard: readonly Change[];
  /** Only their counts differ. */
  readonly patient: readonly Due[];
  /** Services that were given an address by this plan: it is theirs only once the plan is committed. */
  readonly allocated: readonly { readonly kind: ServiceKind; readonly key: string }[];
  /** Names likewise. */
  readonly allocatedNames: readonly ResourceKey[];
}

export interface PlanContext extends Context {
  /** False on a global, which makes nothing and gives no addresses. */
  readonly isZone: boolean;
  /** Counts may be written now. */
  readonly mayWriteCounts: boolean;
  /** A service gets no address, for none is free. */
  readonly onExhausted: (key: ResourceKey, error: unknown) => void;
}

/** Looks at everything that is due, and compares what should be with what is. Reads the state only, but for the addresses it gives. */
export function planWrites(due: Iterable<Due>, context: PlanContext): Plan {
  const plan = { requests: [], statuses: [], names: [], patient: [], allocated: [], allocatedNames: [] } as {
    requests: Plan["requests"][number][];
    statuses: Plan["statuses"][number][];
    names: Plan["names"][number][];
    patient: Due[];
    allocated: Plan["allocated"][number][];
    allocatedNames: ResourceKey[];
  };
  const addressOf = (kind: ServiceKind, resource: Resource): string | undefined => {
    const given = giveAddress(kind, resource, context);
    if (given?.isNew) plan.allocated.push({ kind, key: keyText(resource) });
    return given?.ip;
  };
  for (const one of due) {
    if (hostOf(one.key) !== undefined) {
      planName(plan, one, context);
      continue;
    }
    const stored = storedOf(context.state, one.key);
    const wish = context.isZone ? wishFor(one.key, stored, context) : { op: "keep" as const };
    const request = requestOf(one.key, wish, stored);
    if (request) plan.requests.push({ request, due: one });
    else if (stored) planStatus(plan, one, { stored, wanted: wantedStatus(one, stored, { context, addressOf }), context });
  }
  const given = plan.allocated.length + plan.allocatedNames.length;
  return { ...plan, guard: given > 0 ? [guardChange(context.state, given)] : [] };
}

function planName(
  plan: { readonly names: Plan["names"][number][]; readonly allocatedNames: ResourceKey[] },
  due: Due,
  { state, onExhausted }: PlanContext,
): void {
  try {
    const { change, isNew } = nameStep(due.key, state.names);
    if (change) plan.names.push({ change, due });
    if (isNew) plan.allocatedNames.push(due.key);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    onExhausted(due.key, error);
  }
}

function storedOf(state: State, key: ResourceKey): Resource | undefined {
  return key.kind === "Workload" ? state.workload(keyText(key)) : state.services.get(keyText(key));
}

function wishFor(key: ResourceKey, stored: Resource | undefined, context: Context): Wish {
  if (key.kind === "MeshService") return desiredMeshService(key, stored as Resource<MeshServiceSpec> | undefined, context);
  return key.kind === "Workload" ? desiredWorkload(key, stored, context) : { op: "keep" };
}

function requestOf({ kind, mesh, name }: ResourceKey, wish: Wish, stored: Resource | undefined): WriteRequest | undefined {
  if (wish.op === "keep") return undefined;
  if (wish.op === "put") return { op: "put", resource: wish.resource, expect: stored?.version ?? "absent" };
  return { op: "delete", key: { kind, mesh, name }, ifExists: true, ...(stored && { expect: stored.version }) };
}

interface StatusDeps {
  readonly context: PlanContext;
  readonly addressOf: (kind: ServiceKind, resource: Resource) => string | undefined;
}

function wantedStatus({ withCounts }: Due, stored: Resource, { context, addressOf }: StatusDeps): ServiceStatus {
  const wanted = desiredStatus(stored, { state: context.state, addressOf });
  const before = (stored.status as ServiceStatus | undefined)?.dataplaneProxies;
  return withCounts || !before ? wanted : { ...wanted, dataplaneProxies: before };
}

function planStatus(
  plan: { readonly statuses: Plan["statuses"][number][]; readonly patient: Due[] },
  due: Due,
  { stored, wanted, context }: { readonly stored: Resource; readonly wanted: ServiceStatus; readonly context: PlanContext },
): void {
  if (sameValue(stored.status ?? {}, wanted)) return;
  if (!context.mayWriteCounts && stored.status !== undefined && differsInCountsOnly(stored.status, wanted, sameValue)) {
    plan.patient.push(due);
    return;
  }
  const { kind, mesh, name, labels, spec, version } = stored;
  const resource: ResourceInput = { kind, mesh, name, labels, spec, status: wanted };
  plan.statuses.push({ change: { op: "put", resource, expect: version }, due });
}

/** On Kubernetes a MeshService of the cluster has the address of its Service, which its controller writes. */
function giveAddress(
  kind: ServiceKind,
  resource: Resource,
  { state, place, isZone, onExhausted }: PlanContext,
): { readonly ip: string; readonly isNew: boolean } | undefined {
  if (!isZone) return undefined;
  if (place.env === "kubernetes" && kind === "MeshService" && isLocal(resource)) {
    const ip = vipOf(resource.status);
    return ip === undefined ? undefined : { ip, isNew: false };
  }
  const { vips } = state.services;
  const held = vips.held(kind, keyText(resource));
  if (held !== undefined) return { ip: held, isNew: false };
  try {
    return { ip: vips.allocate(kind, keyText(resource), resource), isNew: true };
  } catch (error) {
    onExhausted(resource, error);
    return undefined;
  }
}

function guardChange({ guard }: State, added: number): Change {
  const { allocations = 0 } = (guard?.spec ?? {}) as { readonly allocations?: number };
  return {
    op: "put",
    resource: { ...vipGuard, labels: {}, spec: { allocations: allocations + added } },
    expect: guard?.version ?? "absent",
  };
}

function sameValue(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
