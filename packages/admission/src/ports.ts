import type { Clock } from "@meridian/base";
import type { KindRegistry, ResourceInput, ResourceKey, Revision } from "@meridian/model";
import type { Author, Change, CommitResult, ResourceStore, StatusStore } from "@meridian/store";
import type { RequestViolation } from "./errors.ts";

/** global: owns meshes, feeds zones. zone: follows a global. standalone: a zone without a global, which owns its meshes. */
export type ControlPlaneRole = "global" | "zone" | "standalone";

export interface CaOptions {
  readonly commonName: string;
  readonly spiffeId: string;
  readonly rsaBits?: number;
  readonly validForMs: number;
  readonly now: Date;
}

export interface TokenOptions {
  /** PEM of an RSA private key. */
  readonly key: string;
  readonly kid: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly validForMs: number;
  readonly now: Date;
}

/** What admission needs of `@meridian/pki`, whose functions of these names fit as they are. */
export interface PkiPort {
  generateCa(options: CaOptions): Promise<{ readonly certPem: string; readonly keyPem: string }>;
  /** What is wrong with a CA that a user provides; empty when nothing is. Never throws for bad PEM. */
  inspectCa(certPem: string, keyPem: string, now: Date): Promise<readonly string[]> | readonly string[];
  /** PEM of a new RSA private key. */
  generateSigningKey(): Promise<string>;
  signToken(options: TokenOptions): Promise<string>;
}

export interface AdmissionDeps {
  readonly store: ResourceStore & Pick<StatusStore, "deleteStatus">;
  readonly kinds: KindRegistry;
  readonly role: ControlPlaneRole;
  /** Own zone; absent on a global. */
  readonly zone?: string;
  readonly env: "universal" | "kubernetes";
  readonly clock: Clock;
  readonly pki: PkiPort;
  /** Whether the control plane of a zone is connected now: such a zone cannot be deleted. Asked on a global only. */
  readonly isZoneOnline?: (zone: string) => boolean | Promise<boolean>;
  /** A new mesh also gets an allow-all TrafficPermission and a route-all TrafficRoute. Default false, as with the peer. */
  readonly createsRoutingPolicies?: boolean;
  /** Reads a file that a provided CA names. Absent: such a source is refused. */
  readonly readFile?: (path: string) => Promise<string>;
  /** Users may write nothing over REST: resources come from somewhere else, such as the Kubernetes API. */
  readonly readOnly?: boolean;
  /**
   * Someone watches `serviceProbe`s and reports readiness. Only then a new inbound with a probe starts as NotReady: without a
   * watcher it would stay so for ever.
   */
  readonly watchesServiceProbes?: boolean;
}

export type WriteRequest =
  | {
      readonly op: "put";
      readonly resource: ResourceInput;
      /** Absent: last write wins. `"absent"`: must not exist yet. A revision: must still be that version. */
      readonly expect?: Revision | "absent";
    }
  | {
      readonly op: "delete";
      readonly key: ResourceKey;
      readonly expect?: Revision;
      /** Deleting what is not there is fine. Default false. */
      readonly ifExists?: boolean;
    };

/** A document of which no resource can be made. It is judged beside the others of its batch, never written. */
export interface UnreadWrite {
  readonly op: "unread";
  /** What is known of it; absent if that is nothing. */
  readonly resource?: Omit<ResourceInput, "spec">;
}

/**
 * user: REST and CLI. control-plane: this process itself (start-up, a proxy that registers). zone: what a zone sends up, with the
 * labels that synchronisation gave it.
 */
export type WriteSource = "user" | "control-plane" | "zone";

export interface PrepareOptions {
  /** Default `user`. */
  readonly source?: WriteSource;
  /** A mesh that is created gets the default policies. Default true; false where the batch brings back what was there before. */
  readonly createsInitialPolicies?: boolean;
}

/** A batch that was admitted against what the store held; `commit` checks that this still holds. */
export interface Prepared {
  readonly requests: readonly WriteRequest[];
  readonly options: PrepareOptions;
  /** One per request, in order, then what follows from them (secrets, cascades, guards). */
  readonly changes: readonly Change[];
  /** For the writer: deprecations, values that were replaced. */
  readonly warnings: readonly string[];
  /** Insights of what is deleted: they live outside the log. */
  readonly staleStatus: readonly ResourceKey[];
  readonly deletedMeshes: readonly string[];
}

export interface Admitted extends CommitResult {
  readonly warnings: readonly string[];
}

/** What `ensureDefaults` leaves out. */
export interface DefaultOptions {
  /** Default false. */
  readonly noDefaultMesh?: boolean;
  /** Default false: those that are missing are made, also what a user has deleted. */
  readonly noHostnameGenerators?: boolean;
}

/** The gate before the store. */
export interface Admission {
  /**
   * Judges a batch against what the store holds and completes it: labels, zone tags, secrets, cascades. Reads only, so it also
   * serves dry runs.
   * @throws ValidationFailed with every mistake of every request; for a batch of one also ReadOnlyKind, MeshNotFound and
   * ResourceNotFound; ConflictError if an `expect` of the caller does not hold.
   */
  prepare(requests: readonly WriteRequest[], options?: PrepareOptions): Promise<Prepared>;
  /**
   * Everything that `prepare` has against the requests of a user, as one list: for a batch that is refused anyway, because some of its
   * documents could not be read. What depends on those is not judged. Never a refusal of another kind than a violation.
   */
  judge(requests: readonly (WriteRequest | UnreadWrite)[]): Promise<readonly RequestViolation[]>;
  /**
   * Writes a prepared batch: all or nothing, one revision. If what it was judged by has changed meanwhile, it is prepared anew from
   * its requests, until it fits or is refused; so a conflict reaches the caller only where they named an expected version.
   * Outcomes are those of the requests, in order.
   * @throws as `prepare`, and UnavailableError (nothing was acknowledged; a retry can help).
   */
  commit(prepared: Prepared, author: Author): Promise<Admitted>;
  /** `prepare`, then `commit`. */
  admit(requests: readonly WriteRequest[], author: Author, options?: PrepareOptions): Promise<Admitted>;
  /**
   * What a control plane starts with: signing keys, the admin's token, the HostnameGenerators of its role, a zone's own Zone, and the
   * mesh `default`. Idempotent, and safe when several replicas start at once: one of them wins, the others take over what it wrote.
   */
  ensureDefaults(options?: DefaultOptions): Promise<void>;
}
