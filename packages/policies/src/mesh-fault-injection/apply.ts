import { type Filter, typed } from "@meridian/envoy";
import { keyText, parseDuration, type Resource, tagNames } from "@meridian/model";
import { selectingInbound } from "../core/effects/decide-inbound.ts";
import { addHttpFilters, hasHttpFilter, withTlsInspector } from "../core/effects/edit.ts";
import {
  abortNote,
  canAbortWith,
  type Fault,
  faultConfig,
  faultFilter,
  faultFilterName,
  kbpsOf,
  possibleFault,
} from "../core/effects/faults.ts";
import type { Decision, InboundHooks } from "../core/effects/hooks.ts";
import { clientMatch, sourcesMatch } from "../core/effects/source-tags.ts";
import type { InboundDecisionInput } from "../core/effects/targets.ts";
import { decimalOf } from "../core/fragments/number.ts";
import { fromConfs } from "../core/from-confs.ts";
import { peerPredicate } from "../core/peer-predicate.ts";
import { policyKri } from "../core/policy-kri.ts";
import type { PolicyNote } from "../core/policy-note.ts";
import { isHttpFamily } from "../core/protocol.ts";
import type { ProtoJson } from "../core/route.ts";
import { orderRules, type PeerMatch } from "../core/rule-list.ts";
import { refTags } from "../core/target-ref.ts";
import type { FaultInjectionConf, MeshFaultInjectionSpec } from "./schema.ts";

/** One filter. */
interface FaultOfClients {
  readonly fault: Fault;
  /** Of `rules`: the policy's KRI, and the clients it is for; without a match: all. */
  readonly name?: string;
  readonly match?: PeerMatch;
  /** Of `from`: Envoy `HeaderMatcher`s on the tags of clients. */
  readonly headers?: readonly ProtoJson[];
}

/** Every rule adds faults of its own; none overrides another (reference: policies-envoy.md section 11). */
export const faultHooks: InboundHooks<readonly FaultOfClients[]> = {
  decide: decideFaults,
  chain(chain, faults, { secured }) {
    // A FaultInjection of the older generation has the inbound already.
    if (hasHttpFilter(chain, faultFilterName)) return chain;
    // Nobody is known by plaintext, and there Envoy would take everybody for the client that is meant.
    const fitting = secured ? faults : faults.filter(({ match }) => !match);
    return addHttpFilters(chain, fitting.map(filterOf));
  },
  listener: (listener, faults) => (faults.some(({ match }) => match?.sni) ? withTlsInspector(listener) : listener),
};

function filterOf({ fault, name, match, headers }: FaultOfClients): Filter {
  if (name === undefined) return faultFilter(fault, headers);
  if (!match) return { name, typedConfig: faultConfig(fault) };
  return { name, typedConfig: onlyFor(match, faultFilter(fault)) };
}

/** The filter is skipped for all other clients (extensions/common/matching/v3/extension_matcher.proto). */
function onlyFor(match: PeerMatch, filter: Filter) {
  const skip = {
    name: "skip",
    typedConfig: typed("envoy.extensions.filters.common.matcher.action.v3.SkipFilter"),
  };
  return typed("envoy.extensions.common.matching.v3.ExtensionWithMatcher", {
    extensionConfig: filter,
    xdsMatcher: {
      matcherList: { matchers: [{ predicate: { notMatcher: peerPredicate(match) }, onMatch: { action: skip } }] },
    },
  });
}

function decideFaults(input: InboundDecisionInput): Decision<readonly FaultOfClients[]> | undefined {
  const policies = selectingInbound<MeshFaultInjectionSpec>(input).filter((policy) => confsOf(policy).length > 0);
  if (policies.length === 0) return undefined;
  const isHttp = isHttpFamily(input.inbound.protocol);
  const notes = policies.flatMap((policy) => (isHttp ? impossible(policy) : needsHttp(policy, input.inbound)));
  return {
    conf: isHttp ? [...faultsOfRules(policies), ...faultsOfFrom(policies)] : [],
    origins: policies.map(keyText).sort(),
    ...(notes.length > 0 && { notes }),
  };
}

type MeshFaultInjection = Resource<MeshFaultInjectionSpec>;

function faultsOfRules(policies: readonly MeshFaultInjection[]): readonly FaultOfClients[] {
  const withRules = policies.map((policy) => ({
    ...policy,
    spec: { ...policy.spec, rules: (policy.spec.rules ?? []).map((rule) => ({ ...rule, default: rule.default ?? {} })) },
  }));
  return orderRules<FaultInjectionConf>(withRules).flatMap(({ policy, match, conf }) =>
    faultsOf(conf).map((fault) => ({ fault, name: policyKri("mfi", policy), ...(match && { match }) })),
  );
}

/** Disjoint groups of clients; a policy that has `rules` ignores its `from`. */
function faultsOfFrom(policies: readonly MeshFaultInjection[]): readonly FaultOfClients[] {
  const withFrom = policies.filter(({ spec }) => !spec.rules?.length);
  const groups = fromConfs(withFrom);
  if (groups !== "too many") {
    return groups.flatMap(({ positive, negative, conf }) =>
      faultsOf(conf).map((fault) => ({ fault, headers: clientMatch(positive, negative) })),
    );
  }
  // So many groups that they cannot be listed: each entry for itself, so that a client of several meets the faults of all.
  return withFrom.flatMap(({ spec }) =>
    (spec.from ?? []).flatMap(({ targetRef, default: conf = {} }) =>
      faultsOf(conf).map((fault) => ({ fault, headers: sourcesMatch([{ match: refTags(targetRef) ?? {} }]) })),
    ),
  );
}

export function faultsOf({ http = [] }: FaultInjectionConf): readonly Fault[] {
  return http.flatMap(({ abort, delay, responseBandwidth }) => {
    const kbps = kbpsOf(responseBandwidth?.limit ?? "");
    const fault = possibleFault({
      ...(abort && { abort: { status: abort.httpStatus, percentage: share(abort.percentage) } }),
      ...(delay && { delay: { ms: parseDuration(delay.value) ?? 0, percentage: share(delay.percentage) } }),
      ...(responseBandwidth && kbps !== undefined && { bandwidth: { kbps, percentage: share(responseBandwidth.percentage) } }),
    });
    return fault ? [fault] : [];
  });
}

function share(percentage: number | string): number {
  return decimalOf(percentage) ?? 0;
}

function confsOf({ spec: { rules = [], from = [] } }: MeshFaultInjection): readonly FaultInjectionConf[] {
  return (rules.length > 0 ? rules : from).map(({ default: conf = {} }) => conf);
}

function impossible(policy: MeshFaultInjection): readonly PolicyNote[] {
  const statuses = confsOf(policy).flatMap(({ http = [] }) => http.flatMap(({ abort }) => (abort ? [abort.httpStatus] : [])));
  const unknown = statuses.find((status) => !canAbortWith(status));
  return unknown === undefined ? [] : [{ policy: keyText(policy), message: abortNote("http.abort.httpStatus", unknown) }];
}

function needsHttp(policy: Resource, { tags, protocol }: InboundDecisionInput["inbound"]): readonly PolicyNote[] {
  const message = `${tags[tagNames.service] ?? "the inbound"} is ${protocol}, which has no requests that could fail`;
  return [{ policy: keyText(policy), message }];
}
