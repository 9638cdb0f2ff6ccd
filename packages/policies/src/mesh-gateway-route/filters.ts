import { at, type Unchecked, type Violation, validatePort } from "@meridian/model";
import { validateRequestShare } from "../core/fragments/legacy-numbers.ts";
import { validateBackend } from "./backend.ts";
import type { GatewayFilter, GatewayHttpRule } from "./schema.ts";

type Filter = Unchecked<GatewayFilter>;
type HeaderChanges = NonNullable<Filter["requestHeader"]>;

/** What the other parts of a rule mean for its filters. */
interface RuleFacts {
  readonly hasPrefixMatch: boolean;
  readonly rewritesHost: boolean;
}

/**
 * Every filter of a rule. Filters that rewrite the host have no rule of their own. The peer does not count them either, so that
 * its index of a later filter is too small; here it is the place in the document.
 */
export function validateFilters(path: string, rule: Unchecked<GatewayHttpRule>): readonly Violation[] {
  const filters = rule.filters ?? [];
  const facts: RuleFacts = {
    hasPrefixMatch: (rule.matches ?? []).some((match) => match.path?.match === "PREFIX"),
    rewritesHost: filters.some(({ rewrite }) => rewrite?.hostToBackendHostname),
  };
  return filters.flatMap((filter, index) =>
    filter.rewrite?.hostToBackendHostname ? [] : validateFilter(at(path, index), filter, facts),
  );
}

/** `responseHeader` is not checked: the peer does not. */
function validateFilter(path: string, filter: Filter, facts: RuleFacts): readonly Violation[] {
  const { requestHeader, redirect, mirror, rewrite } = filter;
  const violations: Violation[] = [];
  if (requestHeader) violations.push(...validateHeaderChanges(`${path}.request_header`, requestHeader, facts));
  if (redirect) violations.push(...validateRedirect(`${path}.redirect`, redirect));
  if (mirror) {
    violations.push(...validateRequestShare(`${path}.mirror.percentage`, mirror.percentage));
    violations.push(...validateBackend(`${path}.mirror.backend`, mirror.backend));
  }
  if (rewrite?.replacePrefixMatch !== undefined && !facts.hasPrefixMatch) {
    const message = "cannot be used without a match on path prefix";
    violations.push({ path: `${path}.rewrite.replacePrefixMatch`, message });
  }
  return violations;
}

function validateRedirect(path: string, { port, statusCode = 0 }: NonNullable<Filter["redirect"]>): readonly Violation[] {
  const violations = port ? validatePort(`${path}.port`, port) : [];
  if (statusCode >= 300 && statusCode <= 308) return violations;
  return [...violations, { path: `${path}.status_code`, message: "must be in the range [300, 308]" }];
}

function validateHeaderChanges(path: string, changes: HeaderChanges, facts: RuleFacts): readonly Violation[] {
  const { set = [], add = [], remove = [] } = changes;
  const isEmpty = set.length + add.length + remove.length === 0;
  return [
    ...(isEmpty ? [cannotBeEmpty(path)] : []),
    ...set.flatMap((header, index) => validateHeader(at(`${path}.set`, index), header, facts)),
    ...add.flatMap((header, index) => validateHeader(at(`${path}.add`, index), header, facts)),
    ...remove.flatMap((name, index) => (name === "" ? [cannotBeEmpty(at(`${path}.remove`, index))] : [])),
  ];
}

const hostHeaders = [":authority", "Host", "host"];

function validateHeader(
  path: string,
  { name = "", value }: NonNullable<HeaderChanges["set"]>[number],
  facts: RuleFacts,
): readonly Violation[] {
  const violations: Violation[] = [];
  if (name === "") violations.push(cannotBeEmpty(`${path}.name`));
  else if (facts.rewritesHost && hostHeaders.includes(name)) {
    const message = `cannot modify '${name}' header, when route has set 'rewrite.host_to_backend_hostname' option`;
    violations.push({ path, message });
  }
  if (!value) violations.push(cannotBeEmpty(`${path}.value`));
  return violations;
}

function cannotBeEmpty(path: string): Violation {
  return { path, message: "cannot be empty" };
}
