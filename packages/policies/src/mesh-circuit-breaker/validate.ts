import type { Violation } from "@meridian/model";
import { validateDurationsAbove0 } from "../core/fragments/duration.ts";
import { decimalOf, validateAbove0, validateRange, wholePercentage } from "../core/fragments/number.ts";
import { validatePercentage } from "../core/fragments/percentage.ts";
import { validateLists } from "../core/fragments/policy-lists.ts";
import {
  validateExternalServiceScope,
  validateRuleItems,
  validateTargetedItems,
  validateTopLevelRef,
} from "../core/fragments/target-items.ts";
import { destinationKinds, topLevelKinds } from "../core/fragments/target-kinds.ts";
import type { CircuitBreakerConf, Detectors, MeshCircuitBreakerSpec } from "./schema.ts";

/** Paths and texts: resources.md sections 6, 7 and 10: the peer reports `rules` under `from`. */
export function validateMeshCircuitBreaker(spec: MeshCircuitBreakerSpec): readonly Violation[] {
  return [
    ...validateTopLevelRef(spec, topLevelKinds),
    ...validateLists(spec),
    ...validateTargetedItems("spec.from", spec.from, { refs: { kinds: ["Mesh"] }, validateConf }),
    ...validateRuleItems("spec.from", spec.rules, validateConf),
    ...validateTargetedItems("spec.to", spec.to, { refs: { kinds: destinationKinds }, validateConf }),
    ...validateExternalServiceScope(spec),
  ];
}

function validateConf(path: string, { connectionLimits, outlierDetection }: CircuitBreakerConf): readonly Violation[] {
  if (!connectionLimits && !outlierDetection) {
    return [{ path, message: "at least one of: 'connectionLimits' or 'outlierDetection' should be configured" }];
  }
  return [
    ...(connectionLimits ? validateAbove0(`${path}.connectionLimits`, connectionLimits) : []),
    ...(outlierDetection ? validateOutlierDetection(`${path}.outlierDetection`, outlierDetection) : []),
  ];
}

function validateOutlierDetection(
  path: string,
  detection: NonNullable<CircuitBreakerConf["outlierDetection"]>,
): readonly Violation[] {
  const { interval, baseEjectionTime, maxEjectionPercent, healthyPanicThreshold, detectors } = detection;
  return [
    ...validateDurationsAbove0(path, { interval, baseEjectionTime }),
    ...validateRange(`${path}.maxEjectionPercent`, maxEjectionPercent, wholePercentage),
    ...validatePercentage(`${path}.healthyPanicThreshold`, healthyPanicThreshold),
    ...(detectors
      ? validateDetectors(`${path}.detectors`, detectors)
      : [{ path: `${path}.detectors`, message: "must be defined" }]),
  ];
}

const consecutiveDetectors = ["totalFailures", "gatewayFailures", "localOriginFailures"] as const;

function validateDetectors(path: string, detectors: Detectors): readonly Violation[] {
  const { successRate, failurePercentage } = detectors;
  const names = [...consecutiveDetectors, "successRate", "failurePercentage"] as const;
  if (names.every((name) => !detectors[name])) {
    return [{ path, message: `must have at least one defined: ${names.join(", ")}` }];
  }
  return [
    ...consecutiveDetectors.flatMap((name) => validateAbove0(`${path}.${name}`, detectors[name] ?? {})),
    ...(successRate ? validateSuccessRate(`${path}.successRate`, successRate) : []),
    ...(failurePercentage ? validateFailurePercentage(`${path}.failurePercentage`, failurePercentage) : []),
  ];
}

function validateSuccessRate(path: string, detector: NonNullable<Detectors["successRate"]>): readonly Violation[] {
  const { minimumHosts, requestVolume, standardDeviationFactor } = detector;
  return [
    ...validateAbove0(path, { minimumHosts, requestVolume }),
    ...(standardDeviationFactor === undefined ? [] : validateFactor(`${path}.standardDeviationFactor`, standardDeviationFactor)),
  ];
}

function validateFactor(path: string, value: number | string): readonly Violation[] {
  const factor = decimalOf(value);
  if (factor === undefined) return [{ path, message: "invalid number" }];
  return factor > 0 ? [] : [{ path, message: "must be greater than 0" }];
}

function validateFailurePercentage(path: string, detector: NonNullable<Detectors["failurePercentage"]>): readonly Violation[] {
  const { minimumHosts, requestVolume, threshold } = detector;
  return [
    ...validateAbove0(path, { minimumHosts, requestVolume }),
    ...validateRange(`${path}.threshold`, threshold, wholePercentage),
  ];
}
