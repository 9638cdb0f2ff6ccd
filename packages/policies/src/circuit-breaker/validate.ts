import type { Unchecked, Violation } from "@meridian/model";
import { isPercentage } from "../core/fragments/legacy-numbers.ts";
import { validateOutboundLists } from "../core/fragments/source-destination.ts";
import type { CircuitBreakerSpec } from "./schema.ts";

/** Source of rules and words: resources-legacy.md section 6. */
export function validateCircuitBreaker(spec: Unchecked<CircuitBreakerSpec>): readonly Violation[] {
  return [...validateOutboundLists(spec), ...validateConf(spec.conf)];
}

function validateConf(conf: Unchecked<CircuitBreakerSpec["conf"]> | undefined): readonly Violation[] {
  const { detectors, thresholds } = conf ?? {};
  if (!detectors && !thresholds) {
    return [{ path: "conf", message: "must have at least one of the detector or threshold configured" }];
  }
  return [
    ...validateShare("conf.maxEjectionPercent", conf?.maxEjectionPercent),
    ...validateNotEmpty("conf.detectors", detectors),
    ...validateShare("conf.detectors.failure.threshold", detectors?.failure?.threshold),
    ...validateNotEmpty("conf.thresholds", thresholds),
  ];
}

function validateNotEmpty(path: string, section: object | undefined): readonly Violation[] {
  return section && Object.keys(section).length === 0 ? [{ path, message: "can't be empty" }] : [];
}

function validateShare(path: string, share: number | undefined): readonly Violation[] {
  return share === undefined || isPercentage(share) ? [] : [{ path, message: "has to be in [0.0 - 100.0] range" }];
}
