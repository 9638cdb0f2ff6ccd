import { at, type Violation } from "@meridian/model";
import { validateDurationsNotNegative } from "../core/fragments/duration.ts";
import { httpStatus, validateRange } from "../core/fragments/number.ts";
import { validatePercentage } from "../core/fragments/percentage.ts";
import { validateRulesAlone } from "../core/fragments/policy-lists.ts";
import {
  includesGateways,
  validateRuleItems,
  validateTargetedItems,
  validateTopLevelRef,
} from "../core/fragments/target-items.ts";
import { topLevelKinds } from "../core/fragments/target-kinds.ts";
import { topLevelRef } from "../core/target-ref.ts";
import type { Fault, FaultInjectionConf, MeshFaultInjectionSpec } from "./schema.ts";

const clientKinds = ["Mesh", "MeshSubset", "MeshService", "MeshServiceSubset"] as const;

/** Paths and texts: resources.md sections 6, 7 and 10. */
export function validateMeshFaultInjection(spec: MeshFaultInjectionSpec): readonly Violation[] {
  const forGateways = includesGateways(topLevelRef(spec));
  return [
    ...validateTopLevelRef(spec, topLevelKinds),
    ...validateRulesAlone(spec),
    ...(forGateways && spec.from?.length
      ? [{ path: "spec.from", message: "must not be defined" }]
      : validateTargetedItems("spec.from", spec.from, { refs: { kinds: clientKinds }, validateConf })),
    ...(!forGateways && spec.to?.length
      ? [{ path: "spec.to", message: "must not be defined" }]
      : validateTargetedItems("spec.to", spec.to, { refs: { kinds: ["Mesh"] }, validateConf })),
    ...validateRuleItems("spec.rules", spec.rules, validateConf),
  ];
}

/** The peer puts the index of an entry after the name of the fault. */
function validateConf(path: string, { http = [] }: FaultInjectionConf): readonly Violation[] {
  return http.flatMap((fault, index) => {
    const where = (name: keyof Fault) => at(`${path}.http.${name}`, index);
    const { abort, delay, responseBandwidth } = fault;
    return [
      ...(abort ? validateRange(`${where("abort")}.httpStatus`, abort.httpStatus, httpStatus) : []),
      ...validatePercentage(`${where("abort")}.percentage`, abort?.percentage),
      ...validateDurationsNotNegative(where("delay"), { value: delay?.value }),
      ...validatePercentage(`${where("delay")}.percentage`, delay?.percentage),
      ...(responseBandwidth ? validateBandwidth(`${where("responseBandwidth")}.limit`, responseBandwidth.limit) : []),
      ...validatePercentage(`${where("responseBandwidth")}.percentage`, responseBandwidth?.percentage),
    ];
  });
}

function validateBandwidth(path: string, limit: string): readonly Violation[] {
  if (limit === "") return [{ path, message: "must be defined" }];
  return /^\d+\s?[kMG]bps$/.test(limit) ? [] : [{ path, message: "must be in kbps/Mbps/Gbps units" }];
}
