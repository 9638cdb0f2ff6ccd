import { keyText, type MeshServiceSpec, parseKeyText, type Resource, type Tags } from "@meridian/model";
import {
  aimsAtGateway,
  destinationTagSets,
  inboundPolicyReach,
  outboundPolicyReach,
  type PolicyReach,
  policyPlaces,
  referencedKinds,
} from "@meridian/policies";
import { isLocal, isServiceKind, type ServiceKind } from "@meridian/services";
import { CrossMeshGateways, crossMeshTagSets } from "./cross-mesh-gateways.ts";
import { IdentityIndex } from "./identity-index.ts";
import { viewKeys } from "./keys.ts";
import { MentionIndex, permissionMentions } from "./mention-index.ts";
import { MeshNames, namedTagSets } from "./mesh-names.ts";
import type { PoliciesOf } from "./mesh-view.ts";
import { PolicyIndex } from "./policy-index.ts";
import { RealServices } from "./real-services.ts";
import { ResourceLists } from "./resource-lists.ts";
import { ServiceMembers } from "./service-members.ts";
import { SubsetIndex } from "./subset-index.ts";

const routingSwitch = "TrafficRoute";
const nowhere = { outbound: false, inbound: false, proxy: false };

/** The policies of one mesh, and what they refer to. Each change adds the keys of what became different. */
export class MeshRecord {
  readonly #mesh: string;
  readonly #outbound = new PolicyIndex(outboundPolicyReach);
  readonly #inbound = new PolicyIndex(inboundPolicyReach);
  readonly #gateway = new PolicyIndex(() => ({ services: "any" }));
  readonly #lists = new ResourceLists();
  readonly identities: IdentityIndex;
  readonly services: RealServices;
  readonly members: ServiceMembers;
  readonly names: MeshNames;
  readonly crossMesh: CrossMeshGateways;
  readonly #subsets = new SubsetIndex();
  readonly #sourceTagPolicies = new Set<string>();
  readonly #mentions = new MentionIndex();
  readonly #permissionMentions = new MentionIndex(permissionMentions);

  constructor(mesh: string, zone: string) {
    this.#mesh = mesh;
    this.identities = new IdentityIndex(mesh, zone);
    this.services = new RealServices(mesh);
    this.members = new ServiceMembers(mesh);
    this.names = new MeshNames(mesh);
    this.crossMesh = new CrossMeshGateways(mesh);
  }

  put(resource: Resource, touched: Set<string>): void {
    const { kind } = resource;
    const key = keyText(resource);
    const places = policyPlaces.get(kind) ?? nowhere;
    if (places.outbound) {
      this.#outboundStep(kind, () => this.#outbound.put(resource), touched);
      this.#touchMentions(this.#mentions.put(resource), touched);
    }
    this.#touchSubsets(this.#subsets.set(key, [...destinationTagSets(resource), ...crossMeshTagSets(resource)]), touched);
    this.#touchGateway(aimsAtGateway(resource) ? this.#gateway.put(resource) : this.#gateway.delete(key), touched);
    if (places.inbound) this.#touchInbound(this.#inbound.put(resource), touched);
    if (isPermission(kind)) this.#touchMentions(this.#permissionMentions.put(resource), touched);
    if (isListed(kind) && this.#lists.put(resource)) touched.add(viewKeys.resources(this.#mesh, kind));
    if (isServiceKind(kind)) this.#putService(resource, kind, touched);
    if (this.names.put(resource, touched)) this.#touchSubsets(this.#subsets.set(key, namedTagSets(resource)), touched);
    this.identities.put(resource, touched);
    if (selectsBySourceTags(resource)) this.#sourceTagStep(() => this.#sourceTagPolicies.add(key), touched);
    else this.#sourceTagStep(() => this.#sourceTagPolicies.delete(key), touched);
  }

  delete(kind: string, key: string, touched: Set<string>): void {
    const places = policyPlaces.get(kind) ?? nowhere;
    if (places.outbound) {
      this.#outboundStep(kind, () => this.#outbound.delete(key), touched);
      this.#touchMentions(this.#mentions.delete(key), touched);
    }
    this.#touchSubsets(this.#subsets.set(key, []), touched);
    this.#touchGateway(this.#gateway.delete(key), touched);
    if (places.inbound) this.#touchInbound(this.#inbound.delete(key), touched);
    if (isPermission(kind)) this.#touchMentions(this.#permissionMentions.delete(key), touched);
    if (isListed(kind) && this.#lists.delete(kind, key)) touched.add(viewKeys.resources(this.#mesh, kind));
    if (isServiceKind(kind)) this.#deleteService(kind, parseKeyText(key).name, touched);
    if (this.names.delete(kind, parseKeyText(key).name, touched)) this.#touchSubsets(this.#subsets.set(key, []), touched);
    this.identities.delete(key, touched);
    this.#sourceTagStep(() => this.#sourceTagPolicies.delete(key), touched);
  }

  #putService(resource: Resource, kind: ServiceKind, touched: Set<string>): void {
    this.services.put(resource, kind, touched);
    if (kind !== "MeshService") return;
    // Who stands behind a service of another zone is known there only.
    const { selector = {} } = resource.spec as MeshServiceSpec;
    this.members.setService(resource.name, isLocal(resource) ? selector : undefined, touched);
  }

  #deleteService(kind: ServiceKind, name: string, touched: Set<string>): void {
    this.services.delete(kind, name, touched);
    if (kind === "MeshService") this.members.setService(name, undefined, touched);
  }

  outboundPolicies(names: readonly string[]): PoliciesOf {
    return this.#outbound.concerning(...names);
  }

  inboundPolicies(service: string): PoliciesOf {
    return this.#inbound.concerning(service);
  }

  gatewayPolicies(): PoliciesOf {
    return this.#gateway.concerning();
  }

  get hasTrafficRoutes(): boolean {
    return this.#outbound.count(routingSwitch) > 0;
  }

  resources(kind: string): readonly Resource[] {
    return this.#lists.of(kind);
  }

  destinationTagSets(service: string): readonly Tags[] {
    return this.#subsets.of(service);
  }

  isMentioned(mention: string): boolean {
    return this.#mentions.has(mention) || this.#permissionMentions.has(mention);
  }

  get needsSourceTags(): boolean {
    return this.#sourceTagPolicies.size > 0;
  }

  #outboundStep(kind: string, step: () => readonly PolicyReach[], touched: Set<string>): void {
    const hadTrafficRoutes = this.hasTrafficRoutes;
    const reaches = step();
    // The first and the last TrafficRoute switch every outbound of the mesh between two ways of routing.
    const switched = kind === routingSwitch && hadTrafficRoutes !== this.hasTrafficRoutes;
    for (const { services } of switched ? [{ services: "any" as const }] : reaches) {
      if (services === "any") touched.add(viewKeys.anyOutboundPolicies(this.#mesh));
      else for (const service of services) touched.add(viewKeys.outboundPolicies(this.#mesh, service));
    }
  }

  #touchSubsets(services: Iterable<string>, touched: Set<string>): void {
    for (const service of services) {
      touched.add(
        service === "*" ? viewKeys.anyDestinationTagSets(this.#mesh) : viewKeys.destinationTagSets(this.#mesh, service),
      );
    }
  }

  #touchMentions(mentions: readonly string[], touched: Set<string>): void {
    for (const mention of mentions) touched.add(viewKeys.mention(this.#mesh, mention));
  }

  #touchInbound(reaches: readonly PolicyReach[], touched: Set<string>): void {
    for (const { services } of reaches) {
      if (services === "any") touched.add(viewKeys.anyInboundPolicies(this.#mesh));
      else for (const service of services) touched.add(viewKeys.inboundPolicies(this.#mesh, service));
    }
  }

  #touchGateway(reaches: readonly PolicyReach[], touched: Set<string>): void {
    if (reaches.length > 0) touched.add(viewKeys.gatewayPolicies(this.#mesh));
  }

  #sourceTagStep(step: () => void, touched: Set<string>): void {
    const needed = this.needsSourceTags;
    step();
    if (needed !== this.needsSourceTags) touched.add(viewKeys.sourceTags(this.#mesh));
  }
}

/**
 * Whether the policy looks at the tags that clients send along (reference: resources-legacy.md 0.7). The peer has them sent for any
 * MeshFaultInjection; `rules` know clients by their certificates.
 */
function selectsBySourceTags({ kind, spec }: Resource): boolean {
  if (kind === "RateLimit" || kind === "FaultInjection") return true;
  return kind === "MeshFaultInjection" && Boolean((spec as { readonly from?: readonly unknown[] }).from?.length);
}

function isPermission(kind: string): boolean {
  return kind === "TrafficPermission" || kind === "MeshTrafficPermission";
}

function isListed(kind: string): boolean {
  return kind === "MeshZoneAddress" || referencedKinds.includes(kind) || policyPlaces.get(kind)?.proxy === true;
}
