import { durationFromMs } from "@meridian/envoy";
import { parseDuration } from "@meridian/model";
import type { ProtoJson } from "../core/route.ts";
import type { HashPolicy, LoadBalancingConf } from "./schema.ts";

/** Those beside `loadBalancer`, else those of the balancer in use. Undefined: no policy says anything of hashing. */
export function hashPoliciesOf({ hashPolicies, loadBalancer }: LoadBalancingConf): readonly HashPolicy[] | undefined {
  if (hashPolicies) return hashPolicies;
  if (loadBalancer?.type === "RingHash") return loadBalancer.ringHash?.hashPolicies;
  return loadBalancer?.type === "Maglev" ? loadBalancer.maglev?.hashPolicies : undefined;
}

/** Envoy `RouteAction.HashPolicy`. */
export function routeHashPolicy(policy: HashPolicy): ProtoJson {
  return { ...specifier(policy), ...(policy.terminal && { terminal: true }) };
}

/** The deprecated type SourceIP gets no specifier from the peer, which Envoy refuses; its name says what is meant. */
function specifier({ type, header, cookie, connection, queryParameter, filterState }: HashPolicy): ProtoJson {
  switch (type) {
    case "Header":
      return { header: { headerName: header?.name ?? "" } };
    case "Cookie":
      return { cookie: { name: cookie?.name ?? "", ...cookieAge(cookie?.ttl), ...(cookie?.path && { path: cookie.path }) } };
    case "Connection":
      return { connectionProperties: { sourceIp: connection?.sourceIP === true } };
    case "SourceIP":
      return { connectionProperties: { sourceIp: true } };
    case "QueryParameter":
      return { queryParameter: { name: queryParameter?.name ?? "" } };
    case "FilterState":
      return { filterState: { key: filterState?.key ?? "" } };
  }
}

/** With an age, Envoy sets a cookie where there is none; 0 makes it one of the browser's session. */
function cookieAge(ttl: string | undefined): ProtoJson {
  return ttl === undefined ? {} : { ttl: durationFromMs(Math.max(0, parseDuration(ttl) ?? 0)) };
}

/** Envoy `type.v3.HashPolicy`s of a TCP proxy, which takes one only (tcp_proxy.proto, `hash_policy`): the first that is not about requests. */
export function connectionHashPolicies(policies: readonly HashPolicy[]): readonly ProtoJson[] {
  const usable = policies.find(needsNoRequest);
  if (!usable) return [];
  return [usable.type === "FilterState" ? { filterState: { key: usable.filterState?.key ?? "" } } : { sourceIp: {} }];
}

export function needsNoRequest({ type, connection }: HashPolicy): boolean {
  return type === "FilterState" || type === "SourceIP" || (type === "Connection" && connection?.sourceIP === true);
}
