import { type DataplaneSpec, type Resource, type ServiceInsightSpec, type Tags, tagNames, type Violation } from "@meridian/model";
import { invalid } from "../http/errors.ts";
import { all, given, type Query } from "../http/query.ts";

export type Predicate = (resource: Resource) => boolean;

/** Filters that only some kinds have (reference: rest-api.md 3.3); they read the spec, which the store does not. */
const filtersByKind: Readonly<Record<string, readonly ((query: Query, title: string) => Predicate | undefined)[]>> = {
  Dataplane: [tagFilter((resource) => tagSetsOf(resource.spec as DataplaneSpec)), gatewayFilter],
  ExternalService: [tagFilter((resource) => [(resource.spec as { readonly tags?: Tags }).tags ?? {}])],
  ServiceInsight: [serviceTypeFilter],
};

/** Undefined: nothing of the kind was asked for, and the store can do the rest alone. @throws ApiProblem 400 */
export function kindFilter(kind: string, query: Query, title: string): Predicate | undefined {
  const filters = (filtersByKind[kind] ?? []).flatMap((make) => make(query, title) ?? []);
  return filters.length === 0 ? undefined : (resource) => filters.every((matches) => matches(resource));
}

/** All tag sets of a data plane: of each inbound, or of the gateway. */
export function tagSetsOf(spec: DataplaneSpec): readonly Tags[] {
  const gateway = spec.networking?.gateway?.tags;
  const inbounds = (spec.networking?.inbound ?? []).map((inbound) => inbound.tags ?? {});
  return (gateway ? [gateway, ...inbounds] : inbounds) as readonly Tags[];
}

/** Values of `kuma.io/service`, each once. */
export function servicesOf(spec: DataplaneSpec): readonly string[] {
  return [...new Set(tagSetsOf(spec).flatMap((tags) => tags[tagNames.service] ?? []))];
}

/** `tag=K:V`, repeatable: some value of tag K contains V. */
function tagFilter(tagSets: (resource: Resource) => readonly Tags[]) {
  return (query: Query): Predicate | undefined => {
    const wanted = all(query, "tag")
      .filter((text) => text !== "")
      .map((text) => {
        const colon = text.indexOf(":");
        return colon < 0 ? ([text, ""] as const) : ([text.slice(0, colon), text.slice(colon + 1)] as const);
      });
    if (wanted.length === 0) return undefined;
    return (resource) => {
      const sets = tagSets(resource);
      return wanted.every(([key, part]) => sets.some((tags) => tags[key]?.includes(part)));
    };
  };
}

function gatewayFilter(query: Query, title: string): Predicate | undefined {
  const wanted = given(query, "gateway");
  if (wanted === undefined) return undefined;
  if (!["true", "false", "builtin", "delegated"].includes(wanted)) {
    const violation: Violation = { path: "gateway", message: "must be one of true, false, builtin, delegated" };
    throw invalid(title, [violation], "Invalid filter");
  }
  return (resource) => {
    const gateway = (resource.spec as DataplaneSpec).networking?.gateway;
    if (wanted === "true" || wanted === "false") return (gateway !== undefined) === (wanted === "true");
    return gateway !== undefined && (gateway.type ?? "DELEGATED").toLowerCase() === wanted;
  };
}

const serviceTypes = ["internal", "external", "gateway_builtin", "gateway_delegated"];

/** `type=A,B`: services of one of these types. */
function serviceTypeFilter(query: Query, title: string): Predicate | undefined {
  const wanted = all(query, "type").flatMap((text) => text.split(",").filter((type) => type !== ""));
  if (wanted.length === 0) return undefined;
  if (!wanted.every((type) => serviceTypes.includes(type))) {
    const violation: Violation = { path: "type", message: `must be one of ${serviceTypes.join(", ")}` };
    throw invalid(title, [violation], "Invalid filter");
  }
  return (resource) => wanted.includes((resource.spec as ServiceInsightSpec).serviceType ?? "internal");
}
