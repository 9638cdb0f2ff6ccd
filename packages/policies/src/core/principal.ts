import { compareText, type Tags, tagNames } from "@meridian/model";
import type { ProtoJson } from "./route.ts";

/** Envoy RBAC `Principal` for everybody. */
export const anyone: ProtoJson = { any: true };

/**
 * The URI SANs that certificates of a mesh carry, as principals: other tags first, the service last (reference:
 * resources-legacy.md section 1). Envoy matches a principal name against each URI SAN in turn. A wildcard asks for the tag's
 * presence; every certificate has a service, so `kuma.io/service: "*"` asks for nothing. The peer ignores all wildcards.
 */
export function tagPrincipals(tags: Tags, mesh: string): readonly ProtoJson[] {
  const others = Object.keys(tags)
    .filter((key) => key !== tagNames.service)
    .sort(compareText);
  const ids = others.map((key) => sanPrincipal(`kuma://${key}/`, tags[key] ?? ""));
  const service = tags[tagNames.service];
  return service === undefined || service === "*" ? ids : [...ids, sanPrincipal(`spiffe://${mesh}/`, service)];
}

function sanPrincipal(prefix: string, value: string): ProtoJson {
  return { authenticated: { principalName: value === "*" ? { prefix } : { exact: prefix + value } } };
}

/** All of them; everybody when the list is empty. */
export function allOf(ids: readonly ProtoJson[]): ProtoJson {
  const [first, ...rest] = ids.filter((id) => id !== anyone);
  if (!first) return anyone;
  return rest.length === 0 ? first : { andIds: { ids: [first, ...rest] } };
}

/** One of them. @throws RangeError for an empty list: nobody cannot be said with a principal, only by leaving the policy out. */
export function oneOf(ids: readonly ProtoJson[]): ProtoJson {
  const [first, ...rest] = ids;
  if (!first) throw new RangeError("a principal needs at least one id");
  if (ids.includes(anyone)) return anyone;
  return rest.length === 0 ? first : { orIds: { ids: [first, ...rest] } };
}

export function not(id: ProtoJson): ProtoJson {
  return { notId: id };
}

interface RbacRules {
  readonly policies?: Readonly<Record<string, { readonly principals: readonly ProtoJson[] }>>;
}

/**
 * RBAC by tags that lets in nobody but proxies of the mesh: in a mesh that also believes others, "everybody" and "all but" must not
 * mean them. A matcher tree names ids in full, so it stays as it is.
 * @param prefixes what ids of the mesh start with; at least one.
 */
export function membersOnly(rbac: ProtoJson, prefixes: readonly string[]): ProtoJson {
  const { policies } = (rbac["rules"] ?? {}) as RbacRules;
  if (!policies) return rbac;
  const members = oneOf(prefixes.map((prefix) => ({ authenticated: { principalName: { prefix } } })));
  const restricted = Object.entries(policies).map(([name, policy]) => {
    const principals = policy.principals.length > 0 ? [allOf([members, oneOf(policy.principals)])] : [];
    return [name, { ...policy, principals }] as const;
  });
  return { ...rbac, rules: { ...(rbac["rules"] as object), policies: Object.fromEntries(restricted) } };
}
