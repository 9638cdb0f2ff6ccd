import { keyText, parseDuration, type Resource, tagNames } from "@meridian/model";
import { addHttpFilters } from "../core/effects/edit.ts";
import { abortNote, canAbortWith, type Fault, faultFilter, kbpsOf, possibleFault } from "../core/effects/faults.ts";
import type { Decision, InboundHooks } from "../core/effects/hooks.ts";
import { sourcesMatch } from "../core/effects/source-tags.ts";
import type { InboundDecisionInput } from "../core/effects/targets.ts";
import { selectAllForInbound } from "../core/legacy-selection.ts";
import type { PolicyNote } from "../core/policy-note.ts";
import { isHttpFamily } from "../core/protocol.ts";
import type { ProtoJson } from "../core/route.ts";
import type { FaultInjectionSpec } from "./schema.ts";

/** Clients of one policy, and what happens to them. */
interface FaultOfSources {
  /** Envoy `HeaderMatcher`s; none: everybody. */
  readonly sources: readonly ProtoJson[];
  readonly fault: Fault;
}

/** One filter for each policy: all that fit a request act (reference: resources-legacy.md section 10). */
export const legacyFaultHooks: InboundHooks<readonly FaultOfSources[]> = {
  decide: decideFaults,
  chain: (chain, faults) =>
    addHttpFilters(
      chain,
      faults.map(({ sources, fault }) => faultFilter(fault, sources)),
    ),
};

function decideFaults({ subject, inbound, policies }: InboundDecisionInput): Decision<readonly FaultOfSources[]> | undefined {
  const ofMesh = (policies as readonly Resource<FaultInjectionSpec>[]).filter(({ mesh }) => mesh === subject.mesh);
  const selected = selectAllForInbound(inbound.tags, ofMesh);
  if (selected.length === 0) return undefined;
  const isHttp = isHttpFamily(inbound.protocol);
  const notes = isHttp ? selected.flatMap(impossible) : selected.map((policy) => needsHttp(policy, inbound));
  return {
    conf: isHttp ? selected.flatMap(faultOf) : [],
    origins: selected.map(keyText).sort(),
    ...(notes.length > 0 && { notes }),
  };
}

function faultOf({ spec }: Resource<FaultInjectionSpec>): readonly FaultOfSources[] {
  const { abort, delay, responseBandwidth } = spec.conf;
  const kbps = kbpsOf(responseBandwidth?.limit ?? "");
  const fault = possibleFault({
    ...(isThere(abort) && { abort: { status: abort.httpStatus, percentage: abort.percentage } }),
    ...(isThere(delay) && { delay: { ms: parseDuration(delay.value) ?? 0, percentage: delay.percentage } }),
    ...(responseBandwidth && kbps !== undefined && { bandwidth: { kbps, percentage: responseBandwidth.percentage } }),
  });
  return fault ? [{ sources: sourcesMatch(spec.sources ?? []), fault }] : [];
}

/** A fault without any field counts as absent (validate.ts). */
function isThere<T extends object>(fault: T | undefined): fault is T {
  return fault !== undefined && Object.keys(fault).length > 0;
}

function impossible(policy: Resource<FaultInjectionSpec>): readonly PolicyNote[] {
  const { abort } = policy.spec.conf;
  if (!isThere(abort) || canAbortWith(abort.httpStatus)) return [];
  return [{ policy: keyText(policy), message: abortNote("conf.abort.httpStatus", abort.httpStatus) }];
}

/** The tag may say one thing and the inbound another. */
function needsHttp(policy: Resource, { tags, protocol }: InboundDecisionInput["inbound"]): PolicyNote {
  const message = `${tags[tagNames.service] ?? "the inbound"} is ${protocol}, which has no requests that could fail`;
  return { policy: keyText(policy), message };
}
