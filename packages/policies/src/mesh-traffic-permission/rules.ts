import type { Resource } from "@meridian/model";
import { peerPredicate } from "../core/peer-predicate.ts";
import { policyKri } from "../core/policy-kri.ts";
import type { ProtoJson } from "../core/route.ts";
import { type OrderedRule, orderRules, type PeerMatch } from "../core/rule-list.ts";
import type { MeshTrafficPermissionSpec } from "./schema.ts";

type RuleConf = NonNullable<MeshTrafficPermissionSpec["rules"]>[number]["default"];

/**
 * Envoy RBAC as a matcher: every `deny` first, then what is allowed, then nobody (reference: policies-envoy.md section 9). The
 * shadow matcher denies exactly what is to be shadow denied; the peer's also counts every other request.
 */
export function rulesRbac(policies: readonly Resource<MeshTrafficPermissionSpec>[]): ProtoJson {
  const rules = orderRules(policies);
  const denied = rules.flatMap((rule) => fieldMatcher(rule, rule.conf.deny, "DENY"));
  const allowed = rules.flatMap((rule) =>
    fieldMatcher(rule, [...(rule.conf.allow ?? []), ...(rule.conf.allowWithShadowDeny ?? [])], "ALLOW"),
  );
  const shadowDenied = rules.flatMap((rule) => fieldMatcher(rule, rule.conf.allowWithShadowDeny, "DENY"));
  return {
    matcher: matcher([...denied, ...allowed], "DENY"),
    ...(shadowDenied.length > 0 && { shadowMatcher: matcher(shadowDenied, "ALLOW") }),
  };
}

/** Whether a rule looks at the server name, which Envoy knows only where a TLS inspector has read it. */
export function looksAtSni(policies: readonly Resource<MeshTrafficPermissionSpec>[]): boolean {
  const matches = policies.flatMap(({ spec }) => spec.rules ?? []).flatMap(({ default: conf }) => Object.values(conf).flat());
  return matches.some((match) => match?.sni !== undefined);
}

type RbacAction = "ALLOW" | "DENY";

/** Envoy `xds.type.matcher.v3.Matcher`; a list of matchers must not be empty. */
function matcher(matchers: readonly ProtoJson[], otherwise: RbacAction): ProtoJson {
  return {
    ...(matchers.length > 0 && { matcherList: { matchers } }),
    onNoMatch: rbacAction("default", otherwise),
  };
}

function fieldMatcher(
  rule: OrderedRule<RuleConf>,
  matches: readonly PeerMatch[] | undefined,
  action: RbacAction,
): readonly ProtoJson[] {
  const [first, ...rest] = (matches ?? []).map(peerPredicate);
  if (!first) return [];
  const predicate = rest.length === 0 ? first : { orMatcher: { predicate: [first, ...rest] } };
  return [{ predicate, onMatch: rbacAction(policyKri("mtp", rule.policy), action) }];
}

function rbacAction(name: string, action: RbacAction): ProtoJson {
  return {
    action: {
      name: "envoy.filters.rbac.action",
      typedConfig: { "@type": "type.googleapis.com/envoy.config.rbac.v3.Action", name, ...(action === "DENY" && { action }) },
    },
  };
}
