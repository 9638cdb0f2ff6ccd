import type { DataplaneSpec, KindDefinition, MeshGatewaySpec, Resource } from "@meridian/model";
import { type Conf, comparePolicies, type FromConf, mergeItemConfs } from "@meridian/policies";
import { meshServicesMode } from "@meridian/services";
import type { MeshInventory } from "./inventory.ts";
import { distinct, metaOf } from "./meta.ts";
import { gatewayProxy, type InspectedInbound, type InspectedProxy, proxyReader } from "./proxy.ts";
import { fromRulesOf, type InboundRule, inboundRules } from "./rules-inbound.ts";
import { httpMatches, type ToResourceRule, type ToRule, toResourceRules, toRules } from "./rules-to.ts";
import { allTargetRefPolicies, targetRefPolicies } from "./selected.ts";
import type { Policy } from "./to-policies.ts";

/** What the policies of one kind, merged, want of a proxy. */
export interface KindRules {
  readonly kind: KindDefinition;
  readonly proxyRule?: { readonly conf: Conf; readonly origin: readonly Policy[] };
  readonly toRules: readonly ToRule[];
  readonly toResourceRules: readonly ToResourceRule[];
  readonly fromRules: readonly { readonly inbound: InspectedInbound; readonly rules: readonly FromConf[] }[];
  readonly inboundRules: readonly { readonly inbound: InspectedInbound; readonly rules: readonly InboundRule[] }[];
  readonly warnings: readonly string[];
}

/** Kinds that have something to say, in order of application. Destinations by tag only while the mesh has such (`Exclusive`: none). */
export function rulesOfProxy(inventory: MeshInventory, proxy: InspectedProxy): readonly KindRules[] {
  return targetRefPolicies.flatMap((kind) => {
    const policies = inventory.list<Policy["spec"]>(kind.kind);
    const rules = kindRules(inventory, proxy, { kind, policies });
    return rules ? [rules] : [];
  });
}

function kindRules(
  inventory: MeshInventory,
  proxy: InspectedProxy,
  { kind, policies }: { readonly kind: KindDefinition; readonly policies: readonly Policy[] },
): KindRules | undefined {
  const selected = policies.filter(proxy.selectedBy);
  const byInbound = proxy.inbounds.map((inbound) => ({
    inbound,
    policies: policies.filter((policy) => proxy.inboundSelectedBy(policy, inbound)),
  }));
  if (selected.length === 0 && byInbound.every((each) => each.policies.length === 0)) return undefined;
  const { policy: traits = { isTargetRef: true } } = kind;
  const from = byInbound.map((each) => ({ inbound: each.inbound, rules: traits.hasFrom ? fromRulesOf(each.policies) : [] }));
  const inbound = byInbound.map((each) => ({
    inbound: each.inbound,
    rules: traits.hasRules ? inboundRules(each.policies, traits.isFromAsRules ?? false) : [],
  }));
  const routes = inventory.list<Policy["spec"]>("MeshHTTPRoute");
  const single = singleRule(selected, kind);
  const isByTag = meshServicesMode(inventory.mesh.spec) !== "Exclusive";
  return {
    kind,
    ...(single && { proxyRule: single }),
    toRules: isByTag && traits.hasTo ? toRules(selected, routes) : [],
    toResourceRules: traits.hasTo ? toResourceRules(inventory, selected) : [],
    fromRules: from.flatMap(({ inbound: at, rules }) =>
      rules === "too many" || rules.length === 0 ? [] : [{ inbound: at, rules }],
    ),
    inboundRules: inbound.filter(({ rules }) => rules.length > 0),
    warnings: [
      ...(kind.kind === "MeshTrafficPermission" && !inventory.mesh.spec.mtls?.enabledBackend ? [noMtls] : []),
      ...(from.some(({ rules }) => rules === "too many") ? [tooMany] : []),
    ],
  };
}

const noMtls = "the mesh has no mTLS, so that nobody's identity is known: permissions have no effect";
const tooMany = "the from entries name too many tags to list every combination: read the policies themselves";

/** Kinds with a single `default` for the whole proxy. */
export function singleRule(selected: readonly Policy[], kind: KindDefinition): KindRules["proxyRule"] {
  const { hasTo, hasFrom, hasRules } = kind.policy ?? {};
  if (hasTo || hasFrom || hasRules) return undefined;
  const ordered = selected.toSorted(comparePolicies);
  const conf = mergeItemConfs(ordered.map(({ spec }) => (spec.default ?? {}) as Conf));
  return conf && { conf, origin: ordered };
}

/** `GET /meshes/{mesh}/dataplanes/{name}/_rules` (reference: rest-api.md section 4). */
export function dataplaneRules(inventory: MeshInventory, dataplane: Resource<DataplaneSpec>): object {
  return rulesAnswer(inventory, dataplane, proxyReader(inventory)(dataplane));
}

/**
 * The same of a MeshGateway, as a proxy has it that the gateway's first selector names: the gateway need not run anywhere yet.
 */
export function gatewayRules(inventory: MeshInventory, gateway: Resource<MeshGatewaySpec>): object {
  return rulesAnswer(inventory, gateway, gatewayProxy(inventory, gateway));
}

function rulesAnswer(inventory: MeshInventory, resource: Resource, proxy: InspectedProxy): object {
  const routes = inventory.list<Policy["spec"]>("MeshHTTPRoute");
  const selected = allTargetRefPolicies(inventory).filter(proxy.selectedBy);
  return {
    resource: metaOf(resource),
    httpMatches: httpMatches(selected, routes),
    rules: rulesOfProxy(inventory, proxy).map(kindAnswer),
  };
}

function kindAnswer(rules: KindRules): object {
  return {
    type: rules.kind.kind,
    ...(rules.proxyRule && { proxyRule: { conf: rules.proxyRule.conf, origin: rules.proxyRule.origin.map(metaOf) } }),
    toRules: rules.toRules.map(({ tags, conf, origin }) => ({
      conf,
      matchers: Object.entries(tags)
        .sort()
        .map(([key, value]) => ({ key, value, not: false })),
      origin: origin.map(metaOf),
    })),
    toResourceRules: rules.toResourceRules.map(({ resource, section, conf, origin }) => ({
      conf: [conf],
      origin: origin.map(originAnswer),
      resourceMeta: metaOf(resource),
      ...(section !== undefined && { resourceSectionName: section }),
    })),
    fromRules: rules.fromRules.map(({ inbound, rules: from }) => ({
      inbound: inboundAnswer(inbound),
      rules: from.map(fromAnswer),
    })),
    inboundRules: rules.inboundRules.map(({ inbound, rules: own }) => ({
      inbound: inboundAnswer(inbound),
      rules: own.map(({ conf, match, origin }) => ({ conf: [conf], ...(match && { match }), origin: origin.map(originAnswer) })),
    })),
    warnings: rules.warnings,
  };
}

function fromAnswer({ positive, negative, conf, entries }: FromConf): object {
  const has = Object.entries(positive).map(([key, value]) => ({ key, value, not: false }));
  const lacks = Object.entries(negative).flatMap(([key, values]) => values.map((value) => ({ key, value, not: true })));
  return { conf, matchers: [...has, ...lacks], origin: distinct(entries.map(({ policy }) => policy)).map(metaOf) };
}

function originAnswer({ policy, index }: { readonly policy: Resource; readonly index: number }): object {
  return { resourceMeta: metaOf(policy), ruleIndex: index };
}

function inboundAnswer({ name, port, tags }: InspectedInbound): object {
  return { ...(name !== undefined && { name }), port, tags };
}
