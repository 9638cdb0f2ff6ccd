import { keyText, type Resource } from "@meridian/model";
import {
  isLocal,
  isServiceKind,
  type ProxyCounts,
  type ServiceKind,
  type ServiceStatus,
  type Tally,
  vipField,
} from "@meridian/services";
import type { State } from "../state/state.ts";
import { usesTls } from "./desired.ts";

export interface StatusContext {
  readonly state: State;
  /** The address of a service, given now if it has none; undefined where nobody gives addresses, and when none is free. */
  readonly addressOf: (kind: ServiceKind, resource: Resource) => string | undefined;
}

/** What the status of a service or workload should be; fields of others stay as they are. */
export function desiredStatus(resource: Resource, context: StatusContext): ServiceStatus {
  const stored = (resource.status ?? {}) as ServiceStatus;
  return { ...stored, ...ownFields(resource, stored, context) };
}

function ownFields(resource: Resource, stored: ServiceStatus, { state, addressOf }: StatusContext): ServiceStatus {
  const { kind, mesh, name } = resource;
  if (kind === "Workload") return { dataplaneProxies: state.dataPlanes.workload(mesh, name).counts };
  if (!isServiceKind(kind)) return {};
  const ip = addressOf(kind, resource);
  const members = kind === "MeshService" && isLocal(resource) ? state.dataPlanes.membersOf(mesh) : undefined;
  return {
    ...(ip !== undefined && { ...vipField(kind, ip), ...state.services.hostnames.statusOf(keyText(resource)) }),
    ...(members && proxyFields(resource, stored, { state, tally: members.behind(name) })),
    ...(kind === "MeshMultiZoneService" && { meshServices: state.services.multiZone.membersOf(keyText(resource)) }),
  };
}

interface Behind {
  readonly state: State;
  readonly tally: Tally;
}

function proxyFields({ mesh }: Resource, stored: ServiceStatus, { state, tally }: Behind): ServiceStatus {
  // Once others speak TLS to it they go on, also while a new proxy waits for its certificate (reference: multizone.md section 7).
  const hasIdentities = usesTls(state.mesh(mesh)) || tally.spiffeIds().length > 0;
  const isReady = hasIdentities && (stored.tls?.status === "Ready" || tally.isCertified);
  return { tls: { status: isReady ? "Ready" : "NotReady" }, dataplaneProxies: tally.counts };
}

/** Counts move with every proxy that comes or goes, and nobody routes by them: they may wait. */
export function differsInCountsOnly(stored: unknown, wanted: ServiceStatus, same: (a: unknown, b: unknown) => boolean): boolean {
  const zero: ProxyCounts = { connected: 0, healthy: 0, total: 0 };
  return same({ ...(stored as ServiceStatus), dataplaneProxies: zero }, { ...wanted, dataplaneProxies: zero });
}
