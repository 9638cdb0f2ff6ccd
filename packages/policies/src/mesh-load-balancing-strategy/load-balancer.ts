import { at, type Violation } from "@meridian/model";
import { decimalOf } from "../core/fragments/number.ts";
import type { HashPolicy, LoadBalancingConf } from "./schema.ts";

/** Only the section that `type` names counts. */
export function validateLoadBalancer(
  path: string,
  loadBalancer: NonNullable<LoadBalancingConf["loadBalancer"]>,
): readonly Violation[] {
  switch (loadBalancer.type) {
    case "LeastRequest":
      return validateBias(`${path}.leastRequest.activeRequestBias`, loadBalancer.leastRequest?.activeRequestBias);
    case "RingHash":
      return validateHashPolicies(`${path}.ringHash.hashPolicies`, loadBalancer.ringHash?.hashPolicies);
    case "Maglev":
      return validateHashPolicies(`${path}.maglev.hashPolicies`, loadBalancer.maglev?.hashPolicies);
    case "RoundRobin":
    case "Random":
      return [];
  }
}

function validateBias(path: string, bias: number | string | undefined): readonly Violation[] {
  if (bias === undefined) return [];
  const value = decimalOf(bias);
  if (value === undefined) return [{ path, message: "string must be a valid number" }];
  // The peer's own words.
  return value >= 0 ? [] : [{ path, message: "must be greater or equal then: 0" }];
}

const fieldOfType = {
  Header: "header",
  Cookie: "cookie",
  Connection: "connection",
  SourceIP: "connection",
  QueryParameter: "queryParameter",
  FilterState: "filterState",
} as const;

/** Each has the section that its `type` names. */
export function validateHashPolicies(path: string, policies: readonly HashPolicy[] | undefined): readonly Violation[] {
  return (policies ?? []).flatMap((policy, index): readonly Violation[] => {
    const where = at(path, index);
    const field = fieldOfType[policy.type];
    if (!policy[field]) return [{ path: `${where}.${field}`, message: "must be defined" }];
    const cookiePath = policy.type === "Cookie" ? policy.cookie?.path : undefined;
    if (cookiePath === undefined || cookiePath.startsWith("/")) return [];
    return [{ path: `${where}.cookie.path`, message: "must be an absolute path" }];
  });
}

/** Paths of hash policies of the deprecated type, which hash nothing (policies-envoy.md section 12). */
export function sourceIpWarnings(path: string, policies: readonly HashPolicy[] | undefined): readonly string[] {
  return (policies ?? []).flatMap(({ type }, index) =>
    type === "SourceIP" ? [`SourceIP type for '${at(path, index)}.type' is deprecated, use Connection instead`] : [],
  );
}
