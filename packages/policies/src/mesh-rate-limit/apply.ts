import { inboundListenerName, type Route } from "@meridian/envoy";
import { keyText, parseDuration, type Resource, tagNames } from "@meridian/model";
import { decideInbound, type MatchedConf, selectingInbound } from "../core/effects/decide-inbound.ts";
import { withTlsInspector } from "../core/effects/edit.ts";
import type { Decision, InboundHooks } from "../core/effects/hooks.ts";
import {
  canAnswer,
  hasRequestLimit,
  limitHeaders,
  type Rate,
  type RequestLimit,
  rateOf,
  statusNote,
  withConnectionLimit,
  withRequestLimit,
  withRequestLimits,
} from "../core/effects/local-rate-limit.ts";
import { withPeerRoutes, withPeerState } from "../core/effects/peer-routes.ts";
import type { InboundDecisionInput } from "../core/effects/targets.ts";
import type { PolicyNote } from "../core/policy-note.ts";
import { isHttpFamily } from "../core/protocol.ts";
import type { LocalRateLimit, MeshRateLimitSpec, RateLimitConf } from "./schema.ts";

/** What policies make of one inbound. */
interface Limits {
  /** Of all clients together, but those of `matched`. */
  readonly requests?: RequestLimit;
  readonly connections?: Rate;
  /** Clients with a limit of their own; false: without any. */
  readonly matched: readonly MatchedConf<RequestLimit | false>[];
}

const prefix = "kuma.mesh_rate_limit";

/** Reference: policies-envoy.md section 10. */
export const rateLimitHooks: InboundHooks<Limits> = {
  decide: decideLimits,
  routes(routes, { requests, matched }) {
    // A RateLimit of the older generation has the inbound already.
    if (routes.some(hasRequestLimit)) return routes;
    const edit = (copy: Route, limit: RequestLimit | false) => (limit ? withRequestLimit(copy, limit) : copy);
    return routes.flatMap((route) => {
      const withCopies = withPeerRoutes([route], matched, { prefix, edit });
      return requests ? withCopies.with(-1, withRequestLimit(route, requests)) : withCopies;
    });
  },
  chain(chain, { requests, connections, matched }, { address, port, secured }) {
    const limited = requests || matched.some(({ conf }) => conf) ? withRequestLimits(chain) : chain;
    const counted = connections ? withConnectionLimit(limited, connections, inboundListenerName(address, port)) : limited;
    return withPeerState(counted, matched, { prefix, secured });
  },
  listener: (listener, { matched }) => (matched.some(({ match }) => match.sni) ? withTlsInspector(listener) : listener),
};

function decideLimits(input: InboundDecisionInput): Decision<Limits> | undefined {
  const decision = decideInbound<RateLimitConf>(input);
  if (!decision) return undefined;
  const { all = {}, matched } = decision.conf;
  const isHttp = isHttpFamily(input.inbound.protocol);
  const requests = isHttp ? requestLimit(all.local?.http) : undefined;
  const connections = connectionLimit(all.local?.tcp);
  const notes = [...impossibleStatuses(input), ...(isHttp ? [] : onlyForRequests(input))];
  return {
    conf: {
      ...(requests && { requests }),
      ...(connections && { connections }),
      matched: isHttp ? matched.map(({ match, conf }) => ({ match, conf: requestLimit(conf.local?.http) ?? false })) : [],
    },
    origins: decision.origins,
    ...(notes.length > 0 && { notes }),
  };
}

export function requestLimit(http: LocalRateLimit["http"]): RequestLimit | undefined {
  const rate = rateIn(http?.disabled ? undefined : http?.requestRate);
  const { status, headers } = http?.onRateLimit ?? {};
  return (
    rate && {
      ...rate,
      ...(status !== undefined && { status }),
      ...(headers && { headers: limitHeaders(headers.add ?? [], headers.set ?? []) }),
    }
  );
}

export function connectionLimit(tcp: LocalRateLimit["tcp"]): Rate | undefined {
  return rateIn(tcp?.disabled ? undefined : tcp?.connectionRate);
}

function rateIn(rate: { readonly num: number; readonly interval: string } | undefined): Rate | undefined {
  return rate && rateOf(rate.num, parseDuration(rate.interval) ?? 0);
}

function impossibleStatuses(input: InboundDecisionInput): readonly PolicyNote[] {
  return selecting(input).flatMap((policy) => {
    const statuses = confsOf(policy).map(({ local }) => local?.http?.onRateLimit?.status);
    const unknown = statuses.find((status) => status !== undefined && !canAnswer(status));
    return unknown === undefined ? [] : [{ policy: keyText(policy), message: statusNote(unknown) }];
  });
}

function onlyForRequests(input: InboundDecisionInput): readonly PolicyNote[] {
  const { protocol, tags } = input.inbound;
  const message = `local.http: ${tags[tagNames.service] ?? "the inbound"} is ${protocol}, which has no requests to limit`;
  return selecting(input)
    .filter((policy) => confsOf(policy).some(({ local }) => local?.http?.requestRate && !local.tcp))
    .map((policy) => ({ policy: keyText(policy), message }));
}

function selecting(input: InboundDecisionInput): readonly Resource<MeshRateLimitSpec>[] {
  return selectingInbound<MeshRateLimitSpec>(input);
}

function confsOf({ spec }: Resource<MeshRateLimitSpec>): readonly RateLimitConf[] {
  const { rules = [], from = [] } = spec;
  return (rules.length > 0 ? rules : from).map(({ default: conf = {} }) => conf);
}
