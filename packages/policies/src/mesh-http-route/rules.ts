import { httpRouteName } from "@meridian/envoy";
import { canonicalJson, keyText, type Resource } from "@meridian/model";
import { mergeConfs, mergeKeyedLists } from "../core/merge.ts";
import { placedRef } from "../core/placed-ref.ts";
import { policyKri } from "../core/policy-kri.ts";
import type { PolicyNote } from "../core/policy-note.ts";
import type { RouteEntry } from "../core/types.ts";
import { type BackendInput, missingNote, type ResolvedRefs, resolveMirror } from "./backends.ts";
import { applyFilters } from "./filters.ts";
import { envoyMatches } from "./match.ts";
import type { RouteFilter, RouteMatch, RouteRule } from "./schema.ts";

/** A rule with the policies that it comes from, weakest first. */
export interface OwnedRule extends RouteRule {
  readonly policies: readonly string[];
  /** The policy that has the last word about backends and filters. */
  readonly backendPolicy: string;
  /** KRI of the strongest policy. */
  readonly kri: string;
}

export interface ResolvedRule extends OwnedRule {
  readonly backends: ResolvedRefs;
}

export function ownedRule(rule: RouteRule, policy: Resource): OwnedRule {
  const key = keyText(policy);
  const placed = { ...rule, default: placedConf(rule.default, policy) };
  return { ...placed, policies: [key], backendPolicy: key, kri: policyKri("mhttpr", policy) };
}

/** Rules of several policies become one, and each backend stays what its own policy means. */
function placedConf({ backendRefs, filters, ...others }: RouteRule["default"], policy: Resource): RouteRule["default"] {
  return {
    ...others,
    ...(backendRefs && { backendRefs: backendRefs.map((ref) => placedRef(ref, policy)) }),
    ...(filters && { filters: filters.map((filter) => placedMirror(filter, policy)) }),
  };
}

function placedMirror({ requestMirror, ...filter }: RouteFilter, policy: Resource): RouteFilter {
  if (!requestMirror) return filter;
  return { ...filter, requestMirror: { ...requestMirror, backendRef: placedRef(requestMirror.backendRef, policy) } };
}

/** Lists of several policies, weakest first. */
export function mergeRuleLists(lists: readonly (readonly OwnedRule[])[]): readonly OwnedRule[] {
  return mergeKeyedLists(lists, ({ matches }) => canonicalJson(matches), mergeRules);
}

/** Rules with equal matches become one; filters and backends are lists, so the strongest that has one replaces it. */
function mergeRules(rules: readonly OwnedRule[]): OwnedRule {
  const last = rules.at(-1) as OwnedRule;
  const naming = rules.findLast((rule) => rule.default.backendRefs) ?? last;
  return {
    ...last,
    default: mergeConfs(rules.map((rule) => rule.default)) ?? last.default,
    policies: rules.flatMap(({ policies }) => policies),
    backendPolicy: naming.backendPolicy,
  };
}

/** What a rule asks for in vain. */
export function notesOfRule(
  { backends, backendPolicy, default: conf }: ResolvedRule,
  input: BackendInput,
): readonly PolicyNote[] {
  const mirrors = (conf.filters ?? []).flatMap(({ requestMirror }) => (requestMirror ? [requestMirror.backendRef] : []));
  const lost = mirrors.map((ref) => resolveMirror(ref, input)).flatMap((mirror) => ("problem" in mirror ? [mirror.problem] : []));
  return [...backends.problems, ...lost].map((problem) => missingNote(backendPolicy, problem));
}

/** @param input `name` is that of the routes. Empty where no backend is left and nothing else answers. */
export function ruleEntries(
  rule: Pick<ResolvedRule, "default" | "backends" | "policies">,
  match: RouteMatch,
  { name, ...input }: BackendInput & { readonly name: string },
): readonly RouteEntry[] {
  const { destinations } = rule.backends;
  return envoyMatches(match).flatMap(({ form, match: envoyMatch }): readonly RouteEntry[] => {
    const { route, redirects, mirrors } = applyFilters(rule.default.filters ?? [], form, (ref) => resolveMirror(ref, input));
    if (!redirects && destinations.length === 0) return [];
    return [
      {
        route: { name, match: envoyMatch, ...route },
        destinations: redirects ? [] : destinations,
        ...(mirrors.length > 0 && { mirrors }),
        policies: rule.policies,
      },
    ];
  });
}

/** A header match without a type is hashed without one, as the peer does, so that names agree. */
export function routeName(matches: readonly RouteMatch[]): string {
  return httpRouteName(matches as Parameters<typeof httpRouteName>[0]);
}
