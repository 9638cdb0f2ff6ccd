import { at, type Unchecked, type Violation, validateSelectors } from "@meridian/model";
import { selectors } from "../core/fragments/source-destination.ts";
import { validateBackend } from "./backend.ts";
import { validateFilters } from "./filters.ts";
import type { GatewayHttpRule, GatewayMatch, MeshGatewayRouteSpec } from "./schema.ts";

type Rule = Unchecked<GatewayHttpRule>;
type Match = Unchecked<GatewayMatch>;

/** Source of rules, words and paths (some in snake case): resources-legacy.md section 15. `conf.tcp` has no rules. */
export function validateMeshGatewayRoute(spec: Unchecked<MeshGatewayRouteSpec>): readonly Violation[] {
  const lists = validateSelectors("selectors", selectors(spec.selectors), { requireService: true });
  const { tcp, http } = spec.conf ?? {};
  if (!http) return tcp ? lists : [...lists, cannotBeEmpty("conf")];
  const rules = http.rules ?? [];
  if (rules.length === 0) return [...lists, cannotBeEmpty("conf.http.rules")];
  return [...lists, ...rules.flatMap((rule, index) => validateRule(at("conf.http.rules", index), rule))];
}

function validateRule(path: string, rule: Rule): readonly Violation[] {
  const { matches = [], filters = [], backends = [] } = rule;
  if (matches.length === 0) return [cannotBeEmpty(`${path}.matches`)];
  const violations: Violation[] = [
    ...matches.flatMap((match, index) => validateRequestMatch(at(`${path}.matches`, index), match)),
    ...validateFilters(`${path}.filters`, rule),
  ];
  const redirects = filters.some(({ redirect }) => redirect !== undefined);
  if (redirects && filters.length > 1) {
    // What backends there should be depends on which of the filters is meant.
    return [...violations, { path: `${path}.filters`, message: "redirects cannot be used with other filters" }];
  }
  const where = `${path}.backends`;
  if (backends.length === 0 && !redirects) violations.push(cannotBeEmpty(where));
  if (backends.length > 0 && redirects) violations.push({ path: where, message: "must be empty when using redirect filters" });
  return [...violations, ...backends.flatMap((backend, index) => validateBackend(at(where, index), backend))];
}

function validateRequestMatch(path: string, match: Match): readonly Violation[] {
  const { headers = [], queryParameters = [] } = match;
  const hasMethod = match.method !== undefined && match.method !== "NONE";
  if (!match.path && !hasMethod && headers.length === 0 && queryParameters.length === 0) return [cannotBeEmpty(path)];
  return [
    ...validatePathMatch(path, match.path),
    ...headers.flatMap((header, index) => validateHeaderMatch(at(`${path}.headers`, index), header)),
    ...queryParameters.flatMap((parameter, index) => {
      const where = at(`${path}.query_parameters`, index);
      return [...requireText(`${where}.name`, parameter.name), ...requireText(`${where}.value`, parameter.value)];
    }),
  ];
}

/** Reported at the match, not at its `path`: so does the peer. */
function validatePathMatch(parent: string, match: Match["path"]): readonly Violation[] {
  if (!match) return [];
  const path = `${parent}.value`;
  if (match.match === "REGEX") return requireText(path, match.value);
  return match.value?.startsWith("/") ? [] : [{ path, message: "must be an absolute path" }];
}

function validateHeaderMatch(path: string, { match, name, value }: NonNullable<Match["headers"]>[number]): readonly Violation[] {
  const violations = requireText(`${path}.name`, name);
  const where = `${path}.value`;
  if (match !== "ABSENT" && match !== "PRESENT") return [...violations, ...requireText(where, value)];
  return value ? [...violations, { path: where, message: "cannot be set" }] : violations;
}

function requireText(path: string, text: string | undefined): readonly Violation[] {
  return text ? [] : [cannotBeEmpty(path)];
}

function cannotBeEmpty(path: string): Violation {
  return { path, message: "cannot be empty" };
}
