import type { TSchema } from "@sinclair/typebox";
import type { Labels } from "./resource.ts";
import type { Violation } from "./violation.ts";

/** How a kind travels between control planes (reference: multizone.md section 3). */
export interface SyncRule {
  readonly globalToZone?: boolean;
  readonly zoneToGlobal?: boolean;
  /** From a zone through the global to the other zones. */
  readonly zoneToZone?: boolean;
  /** The name is kept instead of getting the hash suffix (Mesh, Secret, GlobalSecret). */
  readonly keepsName?: boolean;
}

/**
 * A resource kind, defined once, as data (design decision 3). REST routes, OpenAPI, CRDs, CLI tables and docs derive from it;
 * nothing else in the product switches on a kind's name to find out about its shape.
 */
export interface KindDefinition<Spec = unknown> {
  /** `TrafficRoute` */
  readonly kind: string;
  /** REST path segment: `traffic-routes`. */
  readonly path: string;
  readonly aliasPaths?: readonly string[];
  /** kumactl and KRI short name: `mhttpr`; absent where the peer has none. */
  readonly shortName?: string;
  readonly singularDisplayName: string;
  readonly pluralDisplayName: string;
  readonly scope: "mesh" | "global";
  /** legacy: fields at the top level of the document; spec: under `spec`. */
  readonly style: "legacy" | "spec";
  /** `insight`: written by control planes only, kept outside the log. `secret`: guarded by the admin rule, never logged. */
  readonly category: "core" | "policy" | "secret" | "insight";
  /** Owned by zones: read-only at a global (Dataplane, ZoneIngress, ...). */
  readonly zoneOwned?: boolean;
  /** For policies: what `/policies` and `_resources` say of them. */
  readonly policy?: {
    readonly isTargetRef: boolean;
    readonly hasTo?: boolean;
    readonly hasFrom?: boolean;
    readonly hasRules?: boolean;
    /** A `from` that names nothing but the mesh is read as a `rules` entry without a match. */
    readonly isFromAsRules?: boolean;
  };
  /** It shapes proxies as a policy does, and `_status` says how far it got. */
  readonly hasPolicyStatus?: boolean;
  /** Kind `X` has an insight per resource, `XInsight` of the same name, and an overview that shows both. */
  readonly hasOverview?: boolean;
  readonly sync: SyncRule;
  /** `includeInFederation` of `_resources`. */
  readonly includeInFederation?: boolean;
  /**
   * JSON Schema (TypeBox) of `spec`. Fields have a `description`: docs and forms come from it. For legacy kinds `required` only
   * documents: as in proto JSON an absent field is its zero value, and `validate` names what is missing in the peer's words.
   */
  readonly schema: TSchema;
  /** One valid document in universal YAML, for docs and tests. */
  readonly example: string;
  // Methods, not properties: a list of kinds with different specs is then still a `readonly KindDefinition[]`.
  /**
   * Rules that a schema cannot say. Only ever sees a spec that fits the schema: of one that does not, copies in which what is wrong
   * is replaced, to find what is wrong besides. Pure, and the same mistake has the same path and message each time.
   */
  validate?(spec: Spec, context: ValidationContext): readonly Violation[];
  /** Fills defaults (durations are normalised by parsing already). Pure; runs after validation. Absent: the spec as it is. */
  normalise?(spec: Spec): Spec;
  /** Deprecations that a writer should know of. */
  warnings?(spec: Spec, context: ValidationContext): readonly string[];
}

export interface ValidationContext {
  readonly mesh: string;
  /** As its author named it: a copy from another control plane has a longer name, which no rule is about. */
  readonly name: string;
  readonly labels: Labels;
}

/** The set of kinds of one process: an explicit list made in the apps, never by registration at import. */
export interface KindRegistry {
  readonly all: readonly KindDefinition[];
  get(kind: string): KindDefinition | undefined;
  /** By REST path segment or alias. */
  byPath(path: string): KindDefinition | undefined;
}
