import { compareText, labelNames, type Resource, type TargetRef, type TargetRefKind } from "@meridian/model";
import { type Placed, placedRef } from "./placed-ref.ts";
import { type TargetRefSpec, topLevelRef } from "./target-ref.ts";

/** Later wins (reference: policies-envoy.md 2.1, key 1). */
const kindOrder: readonly TargetRefKind[] = [
  "Mesh",
  "Dataplane",
  "MeshSubset",
  "MeshGateway",
  "MeshService",
  "MeshExternalService",
  "MeshMultiZoneService",
  "MeshServiceSubset",
  "MeshHTTPRoute",
];

const roleOrder: readonly string[] = ["system", "producer", "consumer", "workload-owner"];

/** A policy with the entry of its `to` list that concerns a destination. */
export interface ToItem<Item> {
  readonly policy: Resource<TargetRefSpec>;
  readonly ref: Placed<TargetRef>;
  readonly item: Item;
}

/** Ascending: what comes later overrides what comes before (2.1, keys 1 to 5 and 7). Total, so that input order never matters. */
export function comparePolicies(a: Resource<TargetRefSpec>, b: Resource<TargetRefSpec>): number {
  return compareTopLevel(a, b) || compareNames(a, b);
}

/**
 * The same for `to` entries, where the kind of the entry's own reference counts before the name (key 6). The peer leaves key 6 out
 * for destinations known by tag only; there too, the entry for the service beats the entry for the mesh here.
 */
export function compareToItems(a: ToItem<unknown>, b: ToItem<unknown>): number {
  return (
    compareTopLevel(a.policy, b.policy) ||
    kindRank(a.ref) - kindRank(b.ref) ||
    Number(Boolean(a.ref.sectionName)) - Number(Boolean(b.ref.sectionName)) ||
    compareNames(a.policy, b.policy)
  );
}

/** Every `to` entry of the policies, weakest first; entries of one policy keep their order where nothing else decides. */
export function orderToItems<Item extends { readonly targetRef: TargetRef }>(
  policies: readonly Resource<TargetRefSpec & { readonly to?: readonly Item[] | undefined }>[],
): readonly ToItem<Item>[] {
  return policies
    .flatMap((policy) => (policy.spec.to ?? []).map((item) => ({ policy, ref: placedRef(item.targetRef, policy), item })))
    .sort(compareToItems);
}

function compareTopLevel(a: Resource<TargetRefSpec>, b: Resource<TargetRefSpec>): number {
  const refA = topLevelRef(a.spec);
  const refB = topLevelRef(b.spec);
  return (
    kindRank(refA) - kindRank(refB) ||
    dataplaneRank(refA) - dataplaneRank(refB) ||
    originRank(a) - originRank(b) ||
    gatewayTagCount(refA) - gatewayTagCount(refB) ||
    roleRank(a) - roleRank(b)
  );
}

/** The smallest display name comes last and wins; the key decides between policies of equal display name. */
function compareNames(a: Resource, b: Resource): number {
  return compareText(displayName(b), displayName(a)) || compareText(b.name, a.name);
}

function kindRank(ref: TargetRef): number {
  return kindOrder.indexOf(ref.kind);
}

function dataplaneRank(ref: TargetRef): number {
  if (ref.kind !== "Dataplane") return 0;
  const byLabels = ref.labels && Object.keys(ref.labels).length > 0;
  return (ref.name ? 4 : byLabels ? 2 : 0) + (ref.sectionName ? 1 : 0);
}

function originRank(policy: Resource): number {
  return policy.labels[labelNames.origin] === "zone" ? 1 : 0;
}

function gatewayTagCount(ref: TargetRef): number {
  return ref.kind === "MeshGateway" ? Object.keys(ref.tags ?? {}).length : 0;
}

function roleRank(policy: Resource): number {
  return Math.max(0, roleOrder.indexOf(policy.labels[labelNames.policyRole] ?? "system"));
}

function displayName(policy: Resource): string {
  return policy.labels[labelNames.displayName] ?? policy.name;
}
