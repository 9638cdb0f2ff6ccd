import { at, type Tags, tagNames, type Unchecked, type Violation } from "@meridian/model";
import { isRegisteredStatus } from "../core/fragments/http-status.ts";
import { validateRequestShare } from "../core/fragments/legacy-numbers.ts";
import { selectors, validateInboundLists } from "../core/fragments/source-destination.ts";
import type { FaultInjectionConf, FaultInjectionSpec } from "./schema.ts";

type Conf = Unchecked<FaultInjectionConf>;

/** Source of rules and words: resources-legacy.md section 10. */
export function validateFaultInjection(spec: Unchecked<FaultInjectionSpec>): readonly Violation[] {
  const destinations = selectors(spec.destinations) ?? [];
  return [
    ...validateInboundLists(spec),
    ...destinations.flatMap(({ match = {} }, index) => validateProtocol(`${at("destinations", index)}.match`, match)),
    ...validateConf(spec.conf ?? {}),
  ];
}

const faultyProtocols = ["http", "http2", "grpc"];

/** Faults are those of HTTP, so the inbound's protocol must be known to be one. */
function validateProtocol(path: string, match: Tags): readonly Violation[] {
  const protocol = match[tagNames.protocol];
  if (protocol === undefined) return [{ path, message: "protocol must be specified" }];
  if (faultyProtocols.includes(protocol.toLowerCase())) return [];
  return [{ path: at(path, tagNames.protocol), message: `must be one of the [${faultyProtocols.join(", ")}]` }];
}

function validateConf(conf: Conf): readonly Violation[] {
  const delay = present(conf.delay);
  const abort = present(conf.abort);
  const bandwidth = present(conf.responseBandwidth);
  if (!delay && !abort && !bandwidth) {
    return [{ path: "conf", message: "must have at least one of the faults configured" }];
  }
  return [
    ...(delay ? validateDelay("conf.delay", delay) : []),
    ...(abort ? validateAbort("conf.abort", abort) : []),
    ...(bandwidth ? validateBandwidth("conf.responseBandwidth", bandwidth) : []),
  ];
}

/** A fault without any field counts as absent. */
function present<Fault extends object>(fault: Fault | undefined): Fault | undefined {
  return fault && Object.keys(fault).length > 0 ? fault : undefined;
}

function validateDelay(path: string, { percentage, value }: NonNullable<Conf["delay"]>): readonly Violation[] {
  const violations = validateRequestShare(`${path}.percentage`, percentage);
  return value === undefined ? [...violations, { path: `${path}.value`, message: "cannot be empty" }] : violations;
}

function validateAbort(path: string, { percentage, httpStatus }: NonNullable<Conf["abort"]>): readonly Violation[] {
  const violations = validateRequestShare(`${path}.percentage`, percentage);
  const where = `${path}.httpStatus`;
  if (httpStatus === undefined) return [...violations, { path: where, message: "cannot be empty" }];
  return isRegisteredStatus(httpStatus) ? violations : [...violations, { path: where, message: "http status code is incorrect" }];
}

/**
 * The peer looks for this form anywhere in the text, in lower case, and then fails to generate config for all but `kbps`. Here the
 * whole text must have it, in either case.
 */
const bandwidthPattern = /^\d+\s?[gmk]bps$/i;

function validateBandwidth(path: string, { percentage, limit }: NonNullable<Conf["responseBandwidth"]>): readonly Violation[] {
  const violations = validateRequestShare(`${path}.percentage`, percentage);
  const where = `${path}.limit`;
  if (limit === undefined) return [...violations, { path: where, message: "cannot be empty" }];
  if (bandwidthPattern.test(limit)) return violations;
  return [...violations, { path: where, message: "has to be in kbps/mbps/gbps units" }];
}
