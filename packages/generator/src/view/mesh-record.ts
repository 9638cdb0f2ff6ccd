import { keyText, type Resource, type Tags } from "@meridian/model";
import { destinationTagSets, inboundPolicyReach, outboundPolicyReach, type PolicyReach } from "@meridian/policies";
import { viewKeys } from "./keys.ts";
import { MentionIndex } from "./mention-index.ts";
import type { InboundPolicies, OutboundPolicies } from "./mesh-view.ts";
import { PolicyIndex } from "./policy-index.ts";
import { SubsetIndex } from "./subset-index.ts";

export const outboundPolicyKinds: ReadonlySet<string> = new Set(["TrafficRoute", "MeshHTTPRoute"]);
export const inboundPolicyKinds: ReadonlySet<string> = new Set(["TrafficPermission", "MeshTrafficPermission"]);
/** Their source selectors look at the tags that clients send along (reference: resources-legacy.md 0.7). */
export const sourceTagKinds: ReadonlySet<string> = new Set(["RateLimit", "FaultInjection", "MeshFaultInjection"]);

/** The policies of one mesh. Each change returns the keys of what became different. */
export class MeshRecord {
  readonly #mesh: string;
  readonly #trafficRoutes = new PolicyIndex(outboundPolicyReach);
  readonly #meshHttpRoutes = new PolicyIndex(outboundPolicyReach);
  readonly #trafficPermissions = new PolicyIndex(inboundPolicyReach);
  readonly #meshTrafficPermissions = new PolicyIndex(inboundPolicyReach);
  readonly #subsets = new SubsetIndex();
  readonly #sourceTagPolicies = new Set<string>();
  readonly #mentions = new MentionIndex();

  constructor(mesh: string) {
    this.#mesh = mesh;
  }

  put(policy: Resource, touched: Set<string>): void {
    if (outboundPolicyKinds.has(policy.kind)) {
      this.#outboundStep(keyText(policy), destinationTagSets(policy), () => this.#outbound(policy.kind).put(policy), touched);
      this.#touchMentions(this.#mentions.put(policy), touched);
    } else if (inboundPolicyKinds.has(policy.kind)) {
      this.#touchInbound(this.#inbound(policy.kind).put(policy), touched);
    } else if (sourceTagKinds.has(policy.kind)) {
      this.#sourceTagStep(() => this.#sourceTagPolicies.add(keyText(policy)), touched);
    }
  }

  delete(kind: string, key: string, touched: Set<string>): void {
    if (outboundPolicyKinds.has(kind)) {
      this.#outboundStep(key, [], () => this.#outbound(kind).delete(key), touched);
      this.#touchMentions(this.#mentions.delete(key), touched);
    } else if (inboundPolicyKinds.has(kind)) {
      this.#touchInbound(this.#inbound(kind).delete(key), touched);
    } else if (sourceTagKinds.has(kind)) {
      this.#sourceTagStep(() => this.#sourceTagPolicies.delete(key), touched);
    }
  }

  outboundPolicies(service: string): OutboundPolicies {
    return {
      trafficRoutes: this.#trafficRoutes.concerning(service),
      meshHttpRoutes: this.#meshHttpRoutes.concerning(service),
      meshHasTrafficRoutes: this.#trafficRoutes.size > 0,
    };
  }

  inboundPolicies(service: string): InboundPolicies {
    return {
      trafficPermissions: this.#trafficPermissions.concerning(service),
      meshTrafficPermissions: this.#meshTrafficPermissions.concerning(service),
    };
  }

  destinationTagSets(service: string): readonly Tags[] {
    return this.#subsets.of(service);
  }

  isMentioned(mention: string): boolean {
    return this.#mentions.has(mention);
  }

  get needsSourceTags(): boolean {
    return this.#sourceTagPolicies.size > 0;
  }

  #outbound(kind: string): PolicyIndex {
    return kind === "TrafficRoute" ? this.#trafficRoutes : this.#meshHttpRoutes;
  }

  #inbound(kind: string): PolicyIndex {
    return kind === "TrafficPermission" ? this.#trafficPermissions : this.#meshTrafficPermissions;
  }

  #outboundStep(key: string, tagSets: readonly Tags[], step: () => readonly PolicyReach[], touched: Set<string>): void {
    const hadTrafficRoutes = this.#trafficRoutes.size > 0;
    const reaches = step();
    // The first and the last TrafficRoute switch every outbound of the mesh between two ways of routing.
    const switched = hadTrafficRoutes !== this.#trafficRoutes.size > 0;
    for (const { services } of switched ? [{ services: "any" as const }] : reaches) {
      if (services === "any") touched.add(viewKeys.anyOutboundPolicies(this.#mesh));
      else for (const service of services) touched.add(viewKeys.outboundPolicies(this.#mesh, service));
    }
    for (const service of this.#subsets.set(key, tagSets)) {
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

  #sourceTagStep(step: () => void, touched: Set<string>): void {
    const needed = this.needsSourceTags;
    step();
    if (needed !== this.needsSourceTags) touched.add(viewKeys.sourceTags(this.#mesh));
  }
}
