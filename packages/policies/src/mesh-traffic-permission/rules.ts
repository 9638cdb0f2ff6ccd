import { labelNames, type Resource } from "@meridian/model";
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
  return [{ predicate, onMatch: rbacAction(policyKri(rule.policy), action) }];
}

function rbacAction(name: string, action: RbacAction): ProtoJson {
  return {
    action: {
      name: "envoy.filters.rbac.action",
      typedConfig: { "@type": "type.googleapis.com/envoy.config.rbac.v3.Action", name, ...(action === "DENY" && { action }) },
    },
  };
}

function peerPredicate({ spiffeID, sni }: PeerMatch): ProtoJson {
  const parts = [
    ...(spiffeID ? [singlePredicate(uriSanInput, { safeRegex: { googleRe2: {}, regex: uriSanRegex(spiffeID) } })] : []),
    ...(sni ? [singlePredicate(serverNameInput, { exact: sni.value })] : []),
  ];
  return parts.length === 1 ? (parts[0] as ProtoJson) : { andMatcher: { predicate: parts } };
}

/**
 * Envoy hands over all URI SANs of a certificate as one text, joined by commas (UriSanInput), and certificates of a mesh CA carry
 * several; so the id may stand anywhere in it. The peer compares the whole text, which only fits certificates with a single SAN.
 */
function uriSanRegex({ type, value }: NonNullable<PeerMatch["spiffeID"]>): string {
  const id = value.replace(/[.*+?^${}()|[\]\\/]/g, (character) => (character === "/" ? character : `\\${character}`));
  return type === "Exact" ? `(?:.*,)?${id}(?:,.*)?` : `(?:.*,)?${id}.*`;
}

function singlePredicate(input: ProtoJson, valueMatch: ProtoJson): ProtoJson {
  return { singlePredicate: { input, valueMatch } };
}

const uriSanInput: ProtoJson = {
  name: "envoy.matching.inputs.uri_san",
  typedConfig: { "@type": "type.googleapis.com/envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput" },
};

const serverNameInput: ProtoJson = {
  name: "envoy.matching.inputs.server_name",
  typedConfig: { "@type": "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.ServerNameInput" },
};

/** The policy's KRI (reference: rest-api.md 3.2): it names the decision in Envoy's logs and metadata. */
function policyKri({ mesh, name, labels }: Resource): string {
  const zone = labels[labelNames.zone] ?? "";
  const namespace = labels[labelNames.namespace] ?? "";
  return ["kri", "mtp", mesh, zone, namespace, labels[labelNames.displayName] ?? name, ""].join("_");
}
