import type { Route } from "@meridian/envoy";
import { type ExternalServiceSpec, keyText, parseDuration, type Resource, tagNames } from "@meridian/model";
import { decideLegacyOutbound } from "../core/effects/decide-legacy.ts";
import type { Decision, InboundHooks, OutboundHooks } from "../core/effects/hooks.ts";
import {
  canAnswer,
  type RequestLimit,
  rateOf,
  statusNote,
  withRequestLimit,
  withRequestLimits,
} from "../core/effects/local-rate-limit.ts";
import { sourcesMatch } from "../core/effects/source-tags.ts";
import type { InboundDecisionInput, OutboundDecisionInput } from "../core/effects/targets.ts";
import { selectAllForInbound } from "../core/legacy-selection.ts";
import type { PolicyNote } from "../core/policy-note.ts";
import { isHttpFamily } from "../core/protocol.ts";
import { headerOptions, type ProtoJson, unlessEmpty } from "../core/route.ts";
import type { RateLimitSpec } from "./schema.ts";

/** Clients of one policy, and their limit. */
interface LimitOfSources {
  /** Envoy `HeaderMatcher`s; none: everybody. */
  readonly sources: readonly ProtoJson[];
  readonly limit: RequestLimit;
}

/**
 * One route for each policy before the others, so that the first policy that fits a request limits it (reference:
 * resources-legacy.md section 9).
 */
export const legacyRateLimitHooks: InboundHooks<readonly LimitOfSources[]> = {
  decide: decideLimits,
  routes: (routes, limits) => [...limits.flatMap((each) => routes.map((route) => limited(route, each))), ...routes],
  chain: withRequestLimits,
};

/**
 * A service outside of the mesh has no proxy that could count: without a zone egress each client limits itself. A builtin gateway does
 * for every destination, so that what is too much does not get into the mesh.
 */
export const externalRateLimitHooks: OutboundHooks<RequestLimit> = {
  decide(input) {
    const decision = decideLegacyOutbound<RateLimitSpec, RequestLimit>(input, requestLimit);
    const countsItself = input.subject.gateway !== undefined || isReachedDirectly(input);
    return decision && isHttpFamily(input.outbound.protocol) && countsItself ? decision : undefined;
  },
  route: (route, limit) => (route.route ? withRequestLimit(route, limit) : route),
  chain: withRequestLimits,
};

/** Asked last: only outbounds with a limit depend on which services are outside. */
function isReachedDirectly({ outbound, world }: OutboundDecisionInput): boolean {
  if (world.mesh.routing?.zoneEgress) return false;
  const external = world.list("ExternalService") as readonly Resource<ExternalServiceSpec>[];
  return external.some(({ spec }) => spec.tags?.[tagNames.service] === outbound.service);
}

function limited(route: Route, { sources, limit }: LimitOfSources): Route {
  const headers = [...((route.match["headers"] ?? []) as readonly ProtoJson[]), ...sources];
  return withRequestLimit({ ...route, match: { ...route.match, ...unlessEmpty("headers", headers) } }, limit);
}

function decideLimits({ subject, inbound, policies }: InboundDecisionInput): Decision<readonly LimitOfSources[]> | undefined {
  const ofMesh = (policies as readonly Resource<RateLimitSpec>[]).filter(({ mesh }) => mesh === subject.mesh);
  const selected = selectAllForInbound(inbound.tags, ofMesh);
  if (selected.length === 0) return undefined;
  const { protocol, tags } = inbound;
  const origins = selected.map(keyText).sort();
  const isHttp = isHttpFamily(protocol);
  const message = `${tags[tagNames.service] ?? "the inbound"} is ${protocol}, which has no requests to limit`;
  const notes = isHttp ? selected.flatMap(impossible) : selected.map((policy) => ({ policy: keyText(policy), message }));
  const conf = isHttp ? selected.flatMap(limitOf) : [];
  return { conf, origins, ...(notes.length > 0 && { notes }) };
}

/** A policy without a limit changes nothing: who it is for falls under the next one. */
function limitOf({ spec }: Resource<RateLimitSpec>): readonly LimitOfSources[] {
  const limit = requestLimit(spec);
  return limit ? [{ sources: sourcesMatch(spec.sources ?? []), limit }] : [];
}

function requestLimit({ conf: { http } }: RateLimitSpec): RequestLimit | undefined {
  const rate = http && rateOf(http.requests, parseDuration(http.interval) ?? 0);
  if (!rate) return undefined;
  const { status, headers = [] } = http.onRateLimit ?? {};
  const options = headers.map(({ key, value, append }) => ({ header: { name: key, value }, append }));
  return {
    ...rate,
    ...(status && { status }),
    headers: options.flatMap(({ header, append }) => (append ? headerOptions([], [header]) : headerOptions([header], []))),
  };
}

function impossible(policy: Resource<RateLimitSpec>): readonly PolicyNote[] {
  const { http } = policy.spec.conf;
  const status = http?.onRateLimit?.status;
  return [
    ...(http && !((parseDuration(http.interval) ?? 0) > 0)
      ? [`conf.http.interval: ${http.interval} is no time to count in`]
      : []),
    ...(status && !canAnswer(status) ? [statusNote(status)] : []),
  ].map((message) => ({ policy: keyText(policy), message }));
}
