import type { HostnameGeneratorSpec, MeshExternalServiceSpec, MeshMultiZoneServiceSpec, MeshServiceSpec } from "@meridian/model";

/** The three kinds that get an address and host names of their own. */
export type ServiceKind = "MeshService" | "MeshExternalService" | "MeshMultiZoneService";

export const serviceKinds: readonly ServiceKind[] = ["MeshService", "MeshExternalService", "MeshMultiZoneService"];

export interface ServiceSpecs {
  readonly MeshService: MeshServiceSpec;
  readonly MeshExternalService: MeshExternalServiceSpec;
  readonly MeshMultiZoneService: MeshMultiZoneServiceSpec;
}

/** Where each kind stands in `spec.selector` of a HostnameGenerator. */
export const generatorFields = {
  MeshService: "meshService",
  MeshExternalService: "meshExternalService",
  MeshMultiZoneService: "meshMultiZoneService",
} as const satisfies Record<ServiceKind, keyof NonNullable<HostnameGeneratorSpec["selector"]>>;

export function isServiceKind(kind: string): kind is ServiceKind {
  return (serviceKinds as readonly string[]).includes(kind);
}

export interface GeneratorRef {
  readonly coreName: string;
}

export interface ServiceAddress {
  readonly hostname: string;
  readonly origin: "HostnameGenerator" | "Kubernetes";
  readonly hostnameGeneratorRef: GeneratorRef;
}

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** What became of one generator's template for one service. */
export interface GeneratorOutcome {
  readonly hostnameGeneratorRef: GeneratorRef;
  readonly conditions: readonly Condition[];
}

/** Host names of a service (reference: multizone.md section 7). */
export interface HostnameStatus {
  readonly addresses: readonly ServiceAddress[];
  readonly hostnameGenerators: readonly GeneratorOutcome[];
}

export interface ProxyCounts {
  readonly connected: number;
  readonly healthy: number;
  readonly total: number;
}

export interface Vip {
  readonly ip: string;
}

/** `status` of the three kinds; a MeshExternalService has `vip` where the others have `vips` (reference: resources.md section 3). */
export interface ServiceStatus extends Partial<HostnameStatus> {
  readonly vips?: readonly Vip[];
  readonly vip?: Vip;
  readonly tls?: { readonly status: "Ready" | "NotReady" };
  readonly dataplaneProxies?: ProxyCounts;
  readonly meshServices?: readonly MatchedMeshService[];
}

/** A MeshService behind a MeshMultiZoneService, as its own zone calls it; `zone` and `namespace` are "" when it has none. */
export interface MatchedMeshService {
  readonly name: string;
  readonly namespace: string;
  readonly zone: string;
  readonly mesh: string;
}

/** The address of a service, undefined until it was given one. */
export function vipOf(status: unknown): string | undefined {
  const { vips, vip } = (status ?? {}) as ServiceStatus;
  return vip?.ip ?? vips?.[0]?.ip;
}

/** The field of the status that holds the address. */
export function vipField(kind: ServiceKind, ip: string): Pick<ServiceStatus, "vip" | "vips"> {
  return kind === "MeshExternalService" ? { vip: { ip } } : { vips: [{ ip }] };
}

/** Every host name that leads to the service; empty until it has one. */
export function hostnamesOf(status: unknown): readonly string[] {
  return ((status ?? {}) as ServiceStatus).addresses?.map(({ hostname }) => hostname) ?? [];
}
