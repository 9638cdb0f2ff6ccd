import { labelNames, type Resource, type Tags, type TargetRef, tagNames } from "@meridian/model";
import { namesResource } from "./resource-names.ts";
import { fitsTags } from "./selectors.ts";
import type { InboundSubject, ProxySubject } from "./types.ts";

/** What all targetRef policies have in common. */
export interface TargetRefSpec {
  readonly targetRef?: TargetRef | undefined;
}

/** An absent top-level reference means the whole mesh. */
export function topLevelRef(spec: TargetRefSpec): TargetRef {
  return spec.targetRef ?? { kind: "Mesh" };
}

/** Whether a policy selects the proxy at all: what counts for its outbounds (reference: resources.md section 6, Selection). */
export function selectsProxy(policy: Resource<TargetRefSpec>, subject: ProxySubject): boolean {
  if (!inScope(policy, subject)) return false;
  const ref = topLevelRef(policy.spec);
  const tags = refTags(ref);
  if (tags) return isOfProxyType(ref, subject) && subject.tagSets.some((tagSet) => fitsTags(tags, tagSet));
  return selectsWhole(ref, policy, subject);
}

/** Whether a policy selects one inbound of the proxy. `sectionName` narrows a Dataplane reference to the inbound of that name. */
export function selectsInbound(policy: Resource<TargetRefSpec>, subject: ProxySubject, inbound: InboundSubject): boolean {
  if (!inScope(policy, subject)) return false;
  const ref = topLevelRef(policy.spec);
  const tags = refTags(ref);
  if (tags) return isOfProxyType(ref, subject) && fitsTags(tags, inbound.tags);
  if (ref.kind === "Dataplane" && ref.sectionName && ref.sectionName !== inbound.section) return false;
  return selectsWhole(ref, policy, subject);
}

/**
 * The tags that a reference stands for; undefined for kinds that are not about tags. `{}` for a MeshSubset without tags: it
 * selects everything that has tags.
 */
export function refTags(ref: TargetRef): Tags | undefined {
  switch (ref.kind) {
    case "MeshSubset":
      return ref.tags ?? {};
    case "MeshService":
      return ref.name ? { [tagNames.service]: ref.name } : undefined;
    case "MeshServiceSubset":
      return ref.name ? { ...ref.tags, [tagNames.service]: ref.name } : undefined;
    default:
      return undefined;
  }
}

/** Whether the selection looks at the proxy's own name or labels, so that proxies with equal tags may differ. */
export function selectsByIdentity(policy: Resource<TargetRefSpec>): boolean {
  const ref = topLevelRef(policy.spec);
  return ref.kind === "Dataplane" || (ref.proxyTypes?.length ?? 0) > 0 || isBoundToNamespace(policy);
}

function selectsWhole(ref: TargetRef, policy: Resource, subject: ProxySubject): boolean {
  if (ref.kind === "Mesh") return isOfProxyType(ref, subject);
  if (ref.kind === "MeshGateway") return selectsGateway(ref, subject);
  // What a builtin gateway does, its MeshGateway says: that is what policies select it by.
  if (ref.kind !== "Dataplane" || subject.gateway) return false;
  if (ref.labels && Object.keys(ref.labels).length > 0) return fitsTags(ref.labels, subject.labels);
  if (!ref.name) return true;
  const namespace = ref.namespace ?? policy.labels[labelNames.namespace];
  const subjectNamespace = subject.labels[labelNames.namespace];
  if (namespace && subjectNamespace && namespace !== subjectNamespace) return false;
  return ref.name === subject.name || ref.name === subject.labels[labelNames.displayName];
}

/** Tags narrow the reference to listeners. */
function selectsGateway(ref: TargetRef, { gateway, tagSets }: ProxySubject): boolean {
  if (!gateway || !namesResource(ref, gateway)) return false;
  return tagSets.some((tags) => fitsTags(ref.tags ?? {}, tags));
}

function isOfProxyType(ref: TargetRef, subject: ProxySubject): boolean {
  if (!ref.proxyTypes || ref.proxyTypes.length === 0) return true;
  return ref.proxyTypes.includes(subject.labels[labelNames.proxyType] === "gateway" ? "Gateway" : "Sidecar");
}

/** Shadow policies never act; a zone's own policy stays in its zone unless it is a producer's; consumer roles in their namespace. */
function inScope(policy: Resource, subject: ProxySubject): boolean {
  if (policy.mesh !== subject.mesh || policy.labels[labelNames.effect] === "shadow") return false;
  if (isBoundToNamespace(policy) && policy.labels[labelNames.namespace] !== subject.labels[labelNames.namespace]) return false;
  if (policy.labels[labelNames.policyRole] === "producer" || policy.labels[labelNames.origin] !== "zone") return true;
  const zone = policy.labels[labelNames.zone];
  return zone === undefined || zone === subject.zone;
}

function isBoundToNamespace(policy: Resource): boolean {
  const role = policy.labels[labelNames.policyRole];
  return role === "consumer" || role === "workload-owner";
}
