import type { Tags, TargetRef } from "@meridian/model";
import { tagNames } from "@meridian/model";
import { namesResource } from "../core/destinations.ts";
import type { BackendRef } from "../core/fragments/backend-ref.ts";
import type { FoundBackend, OutboundPlanInput } from "../core/inputs.ts";
import type { Placed } from "../core/placed-ref.ts";
import type { PolicyNote } from "../core/policy-note.ts";
import { isHttpFamily } from "../core/protocol.ts";
import { ownDestination, weightedDestinations } from "../core/route.ts";
import { refTags } from "../core/target-ref.ts";
import type { OutboundSubject, RouteDestination, WeightedDestination } from "../core/types.ts";

/** Where a route leads when it does not say so itself, and the real services that it may mean. */
export type BackendInput = Pick<OutboundPlanInput, "outbound" | "backendOf">;

/** What routes carry: an HTTP route leads only to backends that speak HTTP. */
type Carried = "http" | "tcp";

export interface ResolvedRefs {
  /** Empty when every backend is out of use. */
  readonly destinations: readonly WeightedDestination[];
  /** Backends that are named and get nothing for now. */
  readonly idle: readonly RouteDestination[];
  /** What is wrong with the others: they get no traffic. */
  readonly problems: readonly string[];
}

export type ResolvedMirror = { readonly destination: RouteDestination } | { readonly problem: string };

/** Whether a `to` reference of a route names the destination of the outbound, whatever subset of it the outbound asks for. */
export function leadsTo(ref: Placed<TargetRef>, outbound: OutboundSubject): boolean {
  if (outbound.resource) return namesResource(ref, outbound.resource, outbound.port);
  const isService = ref.kind === "MeshService" || ref.kind === "MeshServiceSubset";
  return isService && refTags(ref)?.[tagNames.service] === outbound.service;
}

/** The tags of a backend that is known by `kuma.io/service`; undefined for references that only a real service can answer. */
export function backendTags(ref: BackendRef): Tags | undefined {
  if (ref.kind !== "MeshService" && ref.kind !== "MeshServiceSubset") return undefined;
  const tags = namesRealService(ref) ? undefined : refTags(ref);
  return tags?.[tagNames.service] ? tags : undefined;
}

/** Where the backends of a rule lead; without any, where the outbound leads. */
export function resolveRefs(refs: readonly BackendRef[] | undefined, input: BackendInput, carried: Carried): ResolvedRefs {
  if (!refs || refs.length === 0) {
    return { destinations: [{ weight: 1, ...ownDestination(input.outbound) }], idle: [], problems: [] };
  }
  const resolved = refs.map((ref) => ({ weight: ref.weight ?? 1, found: resolve(ref, input, carried) }));
  const usable = resolved.flatMap(({ weight, found }) => ("problem" in found ? [] : [{ weight, ...found.destination }]));
  return {
    destinations: weightedDestinations(usable),
    idle: usable.filter(({ weight }) => weight === 0).map(({ weight: _, ...destination }) => destination),
    problems: resolved.flatMap(({ found }) => ("problem" in found ? [found.problem] : [])),
  };
}

export function resolveMirror(ref: BackendRef, input: BackendInput): ResolvedMirror {
  return resolve(ref, input, "http");
}

export function missingNote(policy: string, problem: string): PolicyNote {
  return { policy, message: problem };
}

/**
 * A MeshService by its name alone is what the outbound itself is: a real service, as far as there is one, or the
 * `kuma.io/service` of that name.
 */
function resolve(ref: BackendRef, input: BackendInput, carried: Carried): ResolvedMirror {
  const tags = backendTags(ref);
  if (tags && (ref.kind === "MeshServiceSubset" || !input.outbound.resource)) return { destination: { tags } };
  const { port } = input.outbound.backend ?? {};
  const samePort = tags && port !== undefined ? input.backendOf({ ...ref, port }) : undefined;
  const found = samePort ?? input.backendOf(ref);
  if (!found)
    return tags ? { destination: { tags } } : { problem: `${refText(ref)} is no destination of the mesh: it gets no traffic` };
  if (carried === "http" && !isHttpFamily(found.protocol)) {
    return { problem: `${refText(ref)} speaks ${found.protocol}, where HTTP cannot go: it gets no traffic` };
  }
  return { destination: destinationOf(found) };
}

function destinationOf({ protocol: _, ...destination }: FoundBackend): RouteDestination {
  return destination;
}

/** A port, labels or a namespace are about real services only. */
function namesRealService({ kind, port, sectionName, namespace, labels }: BackendRef): boolean {
  if (kind !== "MeshService") return false;
  return port !== undefined || Boolean(sectionName) || Boolean(namespace) || Object.keys(labels ?? {}).length > 0;
}

function refText({ kind, name, labels = {}, port, sectionName }: BackendRef): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  const which = name ? ` ${name}` : ` with ${pairs.sort().join(", ")}`;
  const section = port === undefined ? sectionName : port;
  return `backend ${kind}${which}${section === undefined ? "" : `, port ${section}`}`;
}
