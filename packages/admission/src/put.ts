import {
  checkResource,
  type DataplaneSpec,
  type KindDefinition,
  labelNames,
  type MeshServiceSpec,
  type MeshSpec,
  type Resource,
  type ResourceInput,
  type ResourceKey,
  type Violation,
  type ZoneIngressSpec,
} from "@meridian/model";
import type { Change } from "@meridian/store";
import type { BatchView } from "./batch-view.ts";
import { checkConstraints, completeDataplane, replacedZoneTags } from "./dataplane.ts";
import { egressWarnings, listenerWarnings } from "./egress-warnings.ts";
import { makeInitialPolicies } from "./initial-policies.ts";
import { checkImmutableLabels, checkLabels, computeLabels, computeOriginLabels } from "./labels.ts";
import { checkMtlsUpdate, checkProvidedCas, makeBuiltinCas } from "./mesh-ca.ts";
import type { AdmissionDeps, WriteSource } from "./ports.ts";
import { checkRateLimits } from "./rate-limits.ts";
import { secretNames, secretOf } from "./secrets.ts";

export interface PutContext {
  readonly deps: AdmissionDeps;
  readonly view: BatchView;
  readonly source: WriteSource;
  readonly definition: KindDefinition;
  readonly stored: Resource | undefined;
  /** The resource's mesh after the batch; undefined for kinds of global scope. */
  readonly mesh: ResourceInput<MeshSpec> | undefined;
  /** See `PrepareOptions`. */
  readonly createsInitialPolicies: boolean;
}

type Mistakes = readonly { readonly title: string; readonly violations: readonly Violation[] }[];

/** What becomes of one put: the resource as it will be stored and what follows from it, or everything that is wrong. */
export interface PutOutcome {
  readonly resource: ResourceInput;
  readonly derived: readonly Change[];
  readonly warnings: readonly string[];
  /** Under the titles that the peer gives to each stage of its checks. */
  readonly mistakes: Mistakes;
}

/** What is wrong with a resource whatever its spec, its mesh and the rest of its batch are. */
export function checkEnvelope(
  resource: Omit<ResourceInput, "spec">,
  { deps, definition, stored }: Pick<PutContext, "deps" | "definition" | "stored">,
): Mistakes {
  const labels = computeOriginLabels(resource, definition, deps);
  return [
    {
      title: "Could not process a resource",
      violations: [...checkLabels(resource, definition, deps), ...checkNameLength(resource, deps)],
    },
    { title: "Could not update a resource", violations: stored ? checkImmutableLabels(stored, labels) : [] },
  ];
}

export async function preparePut(resource: ResourceInput, context: PutContext): Promise<PutOutcome> {
  if (context.source === "zone") return prepareUpload(resource, context);
  const { deps, definition, stored } = context;
  const labels = computeLabels(resource, definition, deps);
  const completed = await completeSpec(resource, context);
  return {
    resource: {
      ...resource,
      labels,
      spec: completed.spec,
      // The status is the control plane's own: a user's write leaves it as it is.
      ...(stored?.status !== undefined && { status: stored.status }),
    },
    derived: completed.derived,
    warnings: completed.warnings,
    mistakes: [
      ...checkEnvelope(resource, context),
      { title: stored ? "Failed to update a resource" : "Failed to create a resource", violations: completed.violations },
    ],
  };
}

/** A zone's resource keeps its labels; the zone has applied its own rules, but what it sends must still be sound. */
function prepareUpload(resource: ResourceInput, { deps, definition, stored }: PutContext): PutOutcome {
  const violations: Violation[] = [...checkResource(resource, deps.kinds)];
  const zone = resource.labels[labelNames.zone];
  if (!definition.sync.zoneToGlobal) violations.push({ path: "type", message: `zones do not send ${resource.kind} resources` });
  if (resource.labels[labelNames.origin] !== "zone" || !zone) {
    violations.push({ path: "labels", message: `must say where it comes from: ${labelNames.origin} and ${labelNames.zone}` });
  }
  const owner = stored?.labels[labelNames.zone];
  if (stored && (stored.labels[labelNames.origin] !== "zone" || owner !== zone)) {
    const message = `the name is taken by a resource of ${owner === undefined ? "the global control plane" : `zone "${owner}"`}`;
    violations.push({ path: "name", message });
  }
  const title = stored ? "Failed to update a resource" : "Failed to create a resource";
  return { resource, derived: [], warnings: [], mistakes: [{ title, violations }] };
}

/** The name gets a prefix of the zone's where zones meet. */
function checkNameLength({ name }: ResourceKey, deps: AdmissionDeps): readonly Violation[] {
  if (deps.role !== "zone" || `${deps.zone}.${name}`.length < 253) return [];
  return [{ path: "name", message: `must be shorter: with the zone's name it has to stay below 253 characters` }];
}

interface CompletedSpec {
  readonly spec: unknown;
  readonly derived: readonly Change[];
  readonly warnings: readonly string[];
  readonly violations: readonly Violation[];
}

async function completeSpec(resource: ResourceInput, context: PutContext): Promise<CompletedSpec> {
  const { deps } = context;
  switch (resource.kind) {
    case "Mesh":
      return completeMesh(resource as ResourceInput<MeshSpec>, context);
    case "Dataplane":
      return completeDataplaneSpec(resource as ResourceInput<DataplaneSpec>, context);
    case "MeshService":
      return unchanged(withObserved(resource as ResourceInput<MeshServiceSpec>, context));
    case "ZoneIngress":
    case "ZoneEgress":
      return unchanged(deps.zone === undefined ? resource.spec : { ...(resource.spec as ZoneIngressSpec), zone: deps.zone });
    case "Zone":
      return unchanged(resource.spec, { warnings: zoneNameWarnings(resource.name) });
    case "RateLimit":
      return unchanged(resource.spec, { violations: await checkRateLimits(resource, context.view) });
    case "ExternalService":
      return unchanged(resource.spec, {
        violations: await checkRateLimits(resource, context.view),
        warnings: await egressWarnings(resource, context.mesh, context.view),
      });
    case "MeshExternalService":
      return unchanged(resource.spec, { warnings: await egressWarnings(resource, context.mesh, context.view) });
    default:
      return unchanged(resource.spec);
  }
}

/**
 * Whether a proxy of it is healthy, and who is found there, its zone writes into the spec so that other zones get it: a user who applies
 * the same document again must not make it unavailable for a moment.
 */
function withObserved({ spec }: ResourceInput<MeshServiceSpec>, { source, stored }: PutContext): MeshServiceSpec {
  if (source !== "user" || !stored) return spec;
  const { state, identities } = stored.spec as MeshServiceSpec;
  return { ...spec, ...(state && { state }), ...(identities && { identities }) };
}

function unchanged(spec: unknown, found: Partial<Pick<CompletedSpec, "warnings" | "violations">> = {}): CompletedSpec {
  return { spec, derived: [], warnings: [], violations: [], ...found };
}

function zoneNameWarnings(name: string): readonly string[] {
  if (name.length <= 63) return [];
  return [
    `Invalid Zone resource name: ${name}: must be a DNS label of RFC 1035 (at most 63 characters); longer names are deprecated`,
  ];
}

function completeDataplaneSpec({ spec }: ResourceInput<DataplaneSpec>, context: PutContext): CompletedSpec {
  const { deps, mesh, stored } = context;
  const meshSpec = mesh?.spec ?? {};
  const completed = completeDataplane(spec, {
    mesh: meshSpec,
    zone: deps.zone,
    stored: stored?.spec as DataplaneSpec | undefined,
    watchesServiceProbes: deps.watchesServiceProbes ?? false,
  });
  return {
    spec: completed,
    derived: [],
    warnings: [...replacedZoneTags(spec, deps.zone), ...listenerWarnings(spec)],
    violations: checkConstraints(mesh?.name ?? "", meshSpec, completed),
  };
}

/** The secrets and first policies of a mesh are made by the control plane that owns meshes; a federated zone gets them from its global. */
async function completeMesh(resource: ResourceInput<MeshSpec>, context: PutContext): Promise<CompletedSpec> {
  const { name, spec } = resource;
  const { deps, view, stored } = context;
  const violations: Violation[] = [...checkMtlsUpdate(stored?.spec as MeshSpec | undefined, spec)];
  violations.push(...(await checkProvidedCas(name, spec, view, deps)));
  if (deps.role === "zone" || violations.length > 0) return { spec, derived: [], warnings: [], violations };
  const cas = await makeBuiltinCas(name, spec, view, deps);
  const creations = stored ? [] : await makeWithMesh(name, spec, context);
  const warnings = await egressWarnings(resource, undefined, view);
  return { spec, derived: [...cas.changes, ...creations], warnings, violations: cas.violations };
}

/** What a mesh gets once, with its creation. */
async function makeWithMesh(
  name: string,
  { skipCreatingInitialPolicies = [] }: MeshSpec,
  { deps, view, createsInitialPolicies }: PutContext,
): Promise<readonly Change[]> {
  const tokenKey = await makeTokenKey(name, view, deps);
  if (!createsInitialPolicies) return tokenKey;
  return [...tokenKey, ...(await makeInitialPolicies(name, skipCreatingInitialPolicies, { view, deps }))];
}

async function makeTokenKey(mesh: string, view: BatchView, deps: AdmissionDeps): Promise<readonly Change[]> {
  const name = `${secretNames.dataplaneTokenKey(mesh)}1`;
  if (await view.resulting({ kind: "Secret", mesh, name })) return [];
  return [{ op: "put", resource: secretOf(mesh, name, await deps.pki.generateSigningKey()), expect: "absent" }];
}
