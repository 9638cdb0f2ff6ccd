import type { Clock, Latest, Logger, Registry } from "@meridian/base";
import type {
  ConvergenceReport,
  KindRegistry,
  PolicyReport,
  Resource,
  ResourceInput,
  ResourceKey,
  Revision,
  Violation,
  ZoneConvergence,
  ZonePolicyReport,
  ZoneProgress,
} from "@meridian/model";
import type { StatusEntry, Store } from "@meridian/store";

/** Outcome of checking a zone's token. */
export type TokenVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface HubOptions {
  readonly store: Store;
  readonly kinds: KindRegistry;
  readonly instanceId: string;
  readonly version: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Registry;
  /** `token` is undefined when the zone sent none. Decides by signature, revocation, expiry and the token's zone. */
  readonly authenticate: (token: string | undefined, zone: string) => Promise<TokenVerdict>;
  /** Says what is wrong with a resource that a zone uploads; nothing when the global takes it. Absent: all are taken. */
  readonly admit?: (resource: ResourceInput) => readonly Violation[];
  /**
   * `spec.data` of the GlobalSecret `zone-token-signing-key-N` in, `spec.data` with the public key alone out. Absent: zones get no
   * such key, and cannot check zone tokens themselves.
   */
  readonly publicKeyOf?: (secretData: string) => string;
  /** A ping goes to each zone this often; default 5,000. */
  readonly heartbeatIntervalMs?: number;
  /** Without a sign of life for so long, the connection ends; default 15,000. */
  readonly heartbeatTimeoutMs?: number;
  /** Frames in flight to one zone; default 16. */
  readonly window?: number;
  /** Bytes of one chunk; default 256 KiB. */
  readonly chunkSizeBytes?: number;
  /** Shortest time between two writes of the same zone's status; default 1,000. */
  readonly statusIntervalMs?: number;
  /** How long a zone's proxy may take to answer a request; default 10,000. */
  readonly requestTimeoutMs?: number;
  /** A zone that could not apply what it got is sent a snapshot after this back-off; default 1 s to 30 s. */
  readonly resyncBackoff?: { readonly initialMs: number; readonly maxMs: number };
  /** A zone's clock may differ by so much before both sides warn; default 30,000. */
  readonly maxClockSkewMs?: number;
}

/** A request that the global sends down a zone's stream. */
export interface ZoneRequest {
  readonly type: "config_dump" | "stats" | "clusters";
  readonly proxyKind: "Dataplane" | "ZoneIngress" | "ZoneEgress";
  readonly mesh: string;
  /** Name as the zone knows it. */
  readonly name: string;
  readonly query?: string;
}

/** What the API needs of convergence, on a global (hub) and on a zone (itself). */
export interface ConvergenceSource {
  /** Of the newest revision, or of an older one. */
  report(revision?: Revision): ConvergenceReport;
  /** Called after every change of any zone's state. Returns the function that ends it. */
  subscribe(listener: () => void): () => void;
}

/** Where policies stand, for the API of a global (hub) and of a zone (itself). */
export interface PolicyStatusSource {
  /**
   * For each policy, in order, the zones that get it, sorted. A zone that is not heard tells what it said last.
   * @throws UnavailableError when the store cannot be read
   */
  policyStatus(policies: readonly Resource[]): Promise<readonly (readonly ZonePolicyReport[])[]>;
  /** Called when some policy may stand elsewhere. Returns the function that ends it. */
  subscribePolicies(listener: () => void): () => void;
}

export interface Hub extends ConvergenceSource, PolicyStatusSource {
  readonly zones: () => readonly ZoneConvergence[];
  /** @throws MeridianError ZONE_OFFLINE, ZONE_ON_OTHER_REPLICA, TIMEOUT, REQUEST_FAILED */
  request(zone: string, request: ZoneRequest): Promise<string>;
}

/** Insights of the zone's proxies, as they change. */
export interface InsightSource {
  all(): Promise<readonly StatusEntry[]>;
  /** Returns the function that ends it. */
  subscribe(listener: (change: InsightChange) => void): () => void;
}

export interface InsightChange {
  readonly put: readonly StatusEntry[];
  readonly deleted: readonly ResourceKey[];
}

/** What a zone says of policies, by their `keyText` in the zone. */
export interface PolicySource {
  /** Reports that differ from those taken last; undefined: there is nothing to say of the policy any more. */
  takeChanges(): ReadonlyMap<string, PolicyReport | undefined>;
  /** What was taken last, of all policies. */
  all(): ReadonlyMap<string, PolicyReport>;
}

export interface ClientOptions {
  /** `ws://host:port` or `wss://host:port`. */
  readonly url: string;
  readonly zone: string;
  /** A function is asked before each attempt, so that a renewed token is used without a restart. */
  readonly token: string | undefined | (() => Promise<string | undefined>);
  /** PEM of the CA that signed the global's certificate; system CAs when absent. */
  readonly caCert?: string;
  readonly skipTlsVerify?: boolean;
  /** The zone's own store: holds the replica (label `kuma.io/origin: global`) and what the zone owns. */
  readonly store: Store;
  readonly kinds: KindRegistry;
  readonly instanceId: string;
  readonly version: string;
  /** What the global shows as the zone's config. Secrets masked. */
  readonly config?: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Registry;
  /** Reported upwards whenever it changes. */
  readonly progress: Latest<ZoneProgress>;
  /** What the zone knows of its proxies, for the global; see `observeInsights`. Absent: none are sent. */
  readonly insights?: InsightSource;
  /** Shortest time between two uploads of the same insight; default 1,000. */
  readonly insightIntervalMs?: number;
  /** What the zone says of policies, for the global. Absent: nothing. */
  readonly policies?: PolicySource;
  /** Shortest time between two reports of a policy whose proxies have not all answered; default 1,000. */
  readonly policyIntervalMs?: number;
  /**
   * A delta or snapshot of the global is in the zone's store: global revision `globalRevision` is local `localRevision`. Also called
   * at start with what the store already holds, and when the global's revision advances without a change for this zone.
   */
  readonly onApplied: (applied: { readonly globalRevision: Revision; readonly localRevision: Revision }) => void;
  readonly onRequest: (request: ZoneRequest) => Promise<string>;
  /** Back-off between attempts; defaults 250 ms to 15 s. After a refusal the zone waits longer: from 8 times `initialMs`. */
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number };
  readonly heartbeatIntervalMs?: number;
  readonly heartbeatTimeoutMs?: number;
}

/** The zone's side of the link, for `/`, `/ready`, `inspect` and `zone join`. */
export interface LinkState {
  readonly state: "connecting" | "connected" | "refused" | "stopped";
  /** RFC 3339. */
  readonly since: string;
  /** Why it is not connected, in words for an operator. */
  readonly reason?: string;
  /** Literal code of a refusal: see errors.ts. */
  readonly code?: string;
  readonly globalRevision: Revision;
  /** What both sides warned of when the zone was let in (a clock that is off). */
  readonly warnings?: readonly LinkWarning[];
  /** The zone's own resources that the global does not take, with its reasons. */
  readonly rejected?: readonly UploadRejection[];
}

export interface LinkWarning {
  readonly code: string;
  readonly message: string;
}

export interface UploadRejection {
  /** As the zone knows it. */
  readonly key: ResourceKey;
  readonly violations: readonly Violation[];
}
