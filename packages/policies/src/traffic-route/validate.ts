import { at, type Tags, type Unchecked, type Violation, validateMatch, validateSelectors } from "@meridian/model";
import type { HeaderChanges, HttpRoute, LoadBalancer, Modify, Split, StringMatch, TrafficRouteSpec } from "./schema.ts";

/** Paths and texts: resources-legacy.md section 2. */
export function validateTrafficRoute(spec: Unchecked<TrafficRouteSpec>): readonly Violation[] {
  const violations = [
    ...validateSelectors("sources", matches(spec.sources), { requireService: true }),
    ...validateSelectors("destinations", matches(spec.destinations), { requireService: true, onlyService: true }),
  ];
  const { conf } = spec as TrafficRouteSpec;
  if (!conf) return [...violations, { path: "conf", message: "cannot be empty" }];
  return [
    ...violations,
    ...validateTargets("conf", conf.split, conf.destination),
    ...(conf.http ?? []).flatMap((route, index) => validateHttpRoute(at("conf.http", index), route)),
    ...validateLoadBalancer("conf.loadBalancer", conf.loadBalancer),
  ];
}

type Selectors = readonly { readonly match?: Tags | undefined }[];

function matches(selectors: unknown): Selectors | undefined {
  return selectors as Selectors | undefined;
}

/** An empty list or map counts as absent, as in proto JSON. */
function validateTargets(path: string, split: Split | undefined, destination: Tags | undefined): readonly Violation[] {
  const hasSplit = split !== undefined && split.length > 0;
  const hasDestination = destination !== undefined && Object.keys(destination).length > 0;
  if (hasSplit && hasDestination) {
    return [{ path, message: '"split" cannot be defined at the same time as "destination"' }];
  }
  if (hasSplit) return validateSplit(`${path}.split`, split);
  if (hasDestination) return validateMatch(`${path}.destination`, destination, { requireService: true });
  return [{ path, message: 'requires either "destination" or "split"' }];
}

function validateSplit(path: string, split: Split): readonly Violation[] {
  const violations = split.flatMap((entry, index): readonly Violation[] => [
    ...(entry.weight === undefined ? [{ path: `${at(path, index)}.weight`, message: "needs to be defined" }] : []),
    ...validateMatch(`${at(path, index)}.destination`, entry.destination, { requireService: true }),
  ]);
  if (split.some(({ weight }) => (weight ?? 0) > 0)) return violations;
  return [...violations, { path, message: "there must be at least one split entry with weight above 0" }];
}

function validateHttpRoute(path: string, route: HttpRoute): readonly Violation[] {
  return [
    ...validateRequestMatch(`${path}.match`, route.match),
    ...validateModify(`${path}.modify`, route.modify, route.match),
    ...validateTargets(path, route.split, route.destination),
  ];
}

function validateRequestMatch(path: string, match: HttpRoute["match"]): readonly Violation[] {
  const headers = Object.entries(match?.headers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  if (!match || (!match.method && !match.path && headers.length === 0)) {
    const message = 'must be present and contain at least one of the elements: "method", "path" or "headers"';
    return [{ path, message }];
  }
  return [
    ...validateStringMatch(`${path}.method`, match.method),
    ...validateStringMatch(`${path}.path`, match.path),
    ...headers.flatMap(([name, value]) => {
      const where = at(`${path}.headers`, name);
      return name === "" ? [cannotBeEmpty(where)] : validateStringMatch(where, value);
    }),
  ];
}

/** An empty `exact` is fine: it matches an empty text. */
function validateStringMatch(path: string, match: StringMatch | undefined): readonly Violation[] {
  if (!match) return [];
  if (match.exact !== undefined) return [];
  if (match.prefix !== undefined) return requireText(`${path}.prefix`, match.prefix);
  if (match.regex !== undefined) return requireText(`${path}.regex`, match.regex);
  return [{ path, message: 'cannot be empty. Available options: "exact", "split" or "regex"' }];
}

function validateModify(path: string, modify: Modify | undefined, match: HttpRoute["match"]): readonly Violation[] {
  if (!modify) return [];
  return [
    ...validatePathChange(`${path}.path`, modify.path, match),
    ...validateHostChange(`${path}.host`, modify.host),
    ...validateHeaders(`${path}.requestHeaders`, modify.requestHeaders),
    ...validateHeaders(`${path}.responseHeaders`, modify.responseHeaders),
  ];
}

function validatePathChange(path: string, change: Modify["path"], match: HttpRoute["match"]): readonly Violation[] {
  if (!change) return [];
  if (change.rewritePrefix !== undefined) {
    const where = `${path}.rewritePrefix`;
    const message = "can only be set when .http.match.path.prefix is not empty";
    return [...requireText(where, change.rewritePrefix), ...(match?.path?.prefix ? [] : [{ path: where, message }])];
  }
  if (change.regex) return validateReplacement(`${path}.regex`, change.regex);
  return [{ path, message: 'either "rewritePrefix" or "regex" has to be set' }];
}

function validateHostChange(path: string, change: Modify["host"]): readonly Violation[] {
  if (!change) return [];
  if (change.value !== undefined) return requireText(`${path}.value`, change.value);
  if (change.fromPath) return validateReplacement(`${path}.fromPath`, change.fromPath);
  return [{ path, message: 'either "value" or "fromPath" has to be set' }];
}

function validateReplacement(
  path: string,
  replacement: { readonly pattern?: string; readonly substitution?: string },
): readonly Violation[] {
  return [
    ...requireText(`${path}.pattern`, replacement.pattern),
    ...requireText(`${path}.substitution`, replacement.substitution),
  ];
}

function validateHeaders(path: string, headers: HeaderChanges | undefined): readonly Violation[] {
  const added = (headers?.add ?? []).flatMap(({ name, value }, index) => {
    const where = at(`${path}.add`, index);
    return [...validateHeaderName(`${where}.name`, name), ...requireText(`${where}.value`, value)];
  });
  const removed = (headers?.remove ?? []).flatMap(({ name }, index) =>
    validateHeaderName(`${at(`${path}.remove`, index)}.name`, name),
  );
  return [...added, ...removed];
}

/** Envoy refuses to change these: they steer the request itself. */
function validateHeaderName(path: string, name: string | undefined): readonly Violation[] {
  if (!name) return [cannotBeEmpty(path)];
  if (!name.startsWith(":") && name.toLowerCase() !== "host") return [];
  return [{ path, message: "host header and HTTP/2 pseudo-headers are not allowed to be modified" }];
}

function validateLoadBalancer(path: string, loadBalancer: LoadBalancer | undefined): readonly Violation[] {
  const violations: Violation[] = [];
  if (loadBalancer?.leastRequest?.choiceCount === 1) {
    violations.push({ path: `${path}.leastRequest.choiceCount`, message: "value must be greater than or equal to 2" });
  }
  if (loadBalancer?.ringHash && !loadBalancer.ringHash.hashFunction) {
    violations.push({ path: `${path}.ringHash.hashFunction`, message: "must have a valid hash function" });
  }
  return violations;
}

function requireText(path: string, text: string | undefined): readonly Violation[] {
  return text ? [] : [cannotBeEmpty(path)];
}

function cannotBeEmpty(path: string): Violation {
  return { path, message: "cannot be empty" };
}
