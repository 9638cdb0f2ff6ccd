import type { DataplaneSpec, Resource, Tags } from "@meridian/model";
import { tagNames } from "@meridian/model";
import type { Conf } from "@meridian/policies";
import { fitsTags } from "@meridian/policies";
import type { MeshInventory } from "./inventory.ts";
import { distinct } from "./meta.ts";
import { type InspectedInbound, type InspectedProxy, proxyReader } from "./proxy.ts";
import { type KindRules, rulesOfProxy } from "./rules.ts";

interface RuleItem {
  readonly type: "SingleItem" | "DestinationSubset" | "ClientSubset" | "InboundRule";
  readonly name?: string;
  readonly addresses?: readonly string[];
  readonly service?: string;
  readonly tags?: Tags;
  readonly policyType: string;
  readonly subset: Tags;
  readonly conf: Conf;
  readonly origins: readonly { readonly mesh: string; readonly name: string }[];
}

/** `GET /meshes/{mesh}/dataplanes/{name}/rules`: the rules as one flat list (reference: rest-api.md section 4). */
export function dataplaneRuleList(inventory: MeshInventory, dataplane: Resource<DataplaneSpec>): object {
  const proxy = proxyReader(inventory)(dataplane);
  const items = rulesOfProxy(inventory, proxy).flatMap((rules) => [
    ...single(rules),
    ...toward(rules, proxy),
    ...fromClients(rules),
    ...inbound(rules),
  ]);
  return { total: items.length, items };
}

function single({ kind, proxyRule }: KindRules): readonly RuleItem[] {
  if (!proxyRule) return [];
  const { conf, origin } = proxyRule;
  return [{ type: "SingleItem", policyType: kind.kind, subset: {}, conf, origins: origins(origin) }];
}

/** For each destination the first rule that contains it, once for all addresses that lead there. */
function toward({ kind, toRules }: KindRules, { outbounds }: InspectedProxy): readonly RuleItem[] {
  const addresses = new Map<string, string[]>();
  const tagsOf = new Map<string, Tags>();
  for (const { address, listenerPort, destination } of outbounds) {
    if (destination.resource) continue;
    const key = JSON.stringify(Object.entries(destination.tags).sort());
    addresses.set(key, [...(addresses.get(key) ?? []), `${address}:${listenerPort}`]);
    tagsOf.set(key, destination.tags);
  }
  return [...tagsOf].flatMap(([key, tags]): readonly RuleItem[] => {
    const rule = toRules.find((each) => fitsTags(each.tags, tags));
    if (!rule) return [];
    const service = tags[tagNames.service] ?? "";
    return [
      {
        type: "DestinationSubset",
        name: service,
        addresses: addresses.get(key) ?? [],
        service,
        tags,
        policyType: kind.kind,
        subset: rule.tags,
        conf: rule.conf,
        origins: origins(rule.origin),
      },
    ];
  });
}

/** What a client must not have cannot be said in this list; `_rules` says it. */
function fromClients({ kind, fromRules }: KindRules): readonly RuleItem[] {
  return fromRules.flatMap(({ inbound: at, rules }) =>
    rules.map((rule) => ({
      type: "ClientSubset" as const,
      ...place(at),
      policyType: kind.kind,
      subset: rule.positive,
      conf: rule.conf,
      origins: origins(rule.entries.map(({ policy }) => policy)),
    })),
  );
}

function inbound({ kind, inboundRules }: KindRules): readonly RuleItem[] {
  return inboundRules.flatMap(({ inbound: at, rules }) =>
    rules.map((rule) => ({
      type: "InboundRule" as const,
      ...place(at),
      policyType: kind.kind,
      subset: {},
      conf: rule.conf,
      origins: origins(rule.origin.map(({ policy }) => policy)),
    })),
  );
}

function place({ address, port, tags }: InspectedInbound) {
  const service = tags[tagNames.service] ?? "";
  return { name: service, addresses: [`${address}:${port}`], service, tags };
}

function origins(policies: readonly Resource[]): RuleItem["origins"] {
  return distinct(policies).map(({ mesh, name }) => ({ mesh, name }));
}
