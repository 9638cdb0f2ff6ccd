import type { Admission, ControlPlaneRole } from "@meridian/admission";
import type { Logger, Registry } from "@meridian/base";
import type { ExplainRequest, Explanation } from "@meridian/explain";
import type { ZoneView } from "@meridian/inspect";
import type { ConvergenceReport, KindRegistry, Resource, Revision, ZonePolicyReport } from "@meridian/model";
import type { Plan, PlanRequest } from "@meridian/plan";
import type { ResourceStore, StatusStore } from "@meridian/store";
import type { Tallies } from "./insights/tallies.ts";

/** Reads only: every write goes through admission. */
export type ApiStore = Omit<ResourceStore, "commit" | "compact" | "close" | "meta"> &
  Pick<StatusStore, "getStatus" | "listStatus">;

/** The gate before the store; the API never writes past it. */
export type AdmissionPort = Pick<Admission, "prepare" | "judge" | "admit">;

/** What the API needs of convergence: a global has the hub, a zone has itself. */
export interface ConvergencePort {
  report(revision?: Revision): ConvergenceReport;
  subscribe(listener: () => void): () => void;
}

/** Where policies stand: a global asks its zones, a zone itself. */
export interface PolicyStatusPort {
  /** For each policy, in order, the zones that get it, sorted. */
  policyStatus(policies: readonly Resource[]): Promise<readonly (readonly ZonePolicyReport[])[]>;
  subscribePolicies(listener: () => void): () => void;
}

/** What all meshes add up to. */
export interface InsightsPort {
  /**
   * The counts as they are now. Read them before the next `await`: they move on.
   * @throws UnavailableError when the store cannot be read
   */
  current(): Promise<{ readonly tallies: Tallies; readonly modificationTime: string }>;
  /** The counts of resources alone, as they are now: nothing is read of insights. @throws as `current` */
  resources(): Promise<Tallies>;
}

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface DataplaneTokenRequest {
  readonly name: string;
  readonly mesh: string;
  readonly tags: Readonly<Record<string, readonly string[]>>;
  readonly type: "" | "dataplane" | "ingress" | "egress";
  readonly workload: string;
  readonly validForMs: number;
}

/** Every `issue…` answers the JWT. @throws an error with code `SIGNING_KEY_NOT_FOUND` when there is no key to sign with. */
export interface TokensPort {
  issueDataplaneToken(request: DataplaneTokenRequest): Promise<string>;
  issueZoneToken(request: {
    readonly zone: string;
    readonly scope: readonly string[];
    readonly validForMs: number;
  }): Promise<string>;
  issueUserToken(request: {
    readonly name: string;
    readonly groups: readonly string[];
    readonly validForMs: number;
  }): Promise<string>;
  verifyUserToken(
    token: string,
  ): Promise<{ readonly ok: true; readonly user: User } | { readonly ok: false; readonly reason: string }>;
}

/** Reads of a proxy's Envoy admin API; a global forwards them to the proxy's zone. */
export interface ProxyAdminPort {
  request(
    zone: string | undefined,
    request: {
      readonly type: "config_dump" | "stats" | "clusters";
      readonly proxyKind: "Dataplane" | "ZoneIngress" | "ZoneEgress";
      readonly mesh: string;
      readonly name: string;
      readonly query?: string;
    },
  ): Promise<string>;
}

/** What a batch would do to the proxies of all zones. */
export interface PlanPort {
  plan(request: PlanRequest): Promise<Plan>;
}

/** The way of a request through the mesh. */
export interface ExplainPort {
  explain(request: ExplainRequest): Promise<Explanation>;
}

/** The zone's link to its global, as `GET /` shows it. */
export interface LinkStatePort {
  readonly state: string;
  readonly since: string;
  readonly reason?: string;
  readonly code?: string;
  readonly globalRevision: Revision;
}

export interface ApiInfo {
  readonly product: string;
  readonly version: string;
  readonly hostname: string;
  readonly instanceId: string;
  readonly clusterId: string;
}

export interface ApiDeps {
  readonly store: ApiStore;
  readonly kinds: KindRegistry;
  readonly admission: AdmissionPort;
  readonly mode: ControlPlaneRole;
  /** Users may write nothing here; as admission has it. */
  readonly readOnly?: boolean;
  /** Own zone's name; absent on a global. */
  readonly zone?: string;
  readonly info: ApiInfo;
  readonly convergence: ConvergencePort;
  readonly policies: PolicyStatusPort;
  /** One for a process, whichever ports it listens on. */
  readonly insights: InsightsPort;
  readonly tokens: TokensPort;
  /** The settings in force, secrets masked already. */
  readonly effectiveConfig: () => unknown;
  readonly authentication: { readonly localhostIsAdmin: boolean };
  readonly proxyAdmin?: ProxyAdminPort;
  /** What the zone's proxies have their configs from at this moment; absent: it is made from the store. */
  readonly view?: () => ZoneView;
  /** Absent: there is no `/plan`. */
  readonly planner?: PlanPort;
  /** Absent: there is no `/meshes/{mesh}/_explain`. */
  readonly explainer?: ExplainPort;
  readonly linkState?: () => LinkStatePort;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly limits?: Partial<ApiLimits>;
}

export interface ApiLimits {
  /** Body of one resource. Default 1 MiB. */
  readonly resourceBodyBytes: number;
  /** Body of a batch, which may be everything that another control plane holds: it is one revision. Default 64 MiB. */
  readonly batchBodyBytes: number;
  /** How long `?minRevision=` waits. Default 5 s. */
  readonly minRevisionWaitMs: number;
  /** Streams send something at least this often, so that both ends notice a dead peer. Default 10 s. */
  readonly heartbeatIntervalMs: number;
}

export const defaultLimits: ApiLimits = {
  resourceBodyBytes: 1024 * 1024,
  batchBodyBytes: 64 * 1024 * 1024,
  minRevisionWaitMs: 5_000,
  heartbeatIntervalMs: 10_000,
};
