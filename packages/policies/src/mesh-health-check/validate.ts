import type { Violation } from "@meridian/model";
import { validateDurationsAbove0 } from "../core/fragments/duration.ts";
import { validateAbove0, validateRange, validateStatuses, wholePercentage } from "../core/fragments/number.ts";
import { validatePercentage } from "../core/fragments/percentage.ts";
import { validateExternalServiceScope, validateTargetedItems, validateTopLevelRef } from "../core/fragments/target-items.ts";
import { destinationKinds, topLevelKinds } from "../core/fragments/target-kinds.ts";
import type { HealthCheckConf, MeshHealthCheckSpec } from "./schema.ts";

/** Paths and texts: resources.md sections 6 and 7. */
export function validateMeshHealthCheck(spec: MeshHealthCheckSpec): readonly Violation[] {
  return [
    ...validateTopLevelRef(spec, topLevelKinds),
    ...validateTargetedItems("spec.to", spec.to, { refs: { kinds: destinationKinds }, validateConf }),
    ...validateExternalServiceScope(spec),
  ];
}

function validateConf(path: string, conf: HealthCheckConf): readonly Violation[] {
  const { interval, timeout, initialJitter, intervalJitter, noTrafficInterval } = conf;
  const { unhealthyThreshold, healthyThreshold, intervalJitterPercent, healthyPanicThreshold, eventLogPath } = conf;
  const { http, tcp, grpc } = conf;
  return [
    ...validateDurationsAbove0(path, { interval, timeout, initialJitter, intervalJitter, noTrafficInterval }),
    ...validateAbove0(path, { unhealthyThreshold, healthyThreshold }, "must be greater than zero when defined"),
    ...validateRange(`${path}.intervalJitterPercent`, intervalJitterPercent, wholePercentage),
    ...validatePercentage(`${path}.healthyPanicThreshold`, healthyPanicThreshold),
    ...validateLogPath(`${path}.eventLogPath`, eventLogPath),
    ...(http?.path === "" ? [{ path: `${path}.http.path`, message: "must be defined" }] : []),
    ...validateStatuses(`${path}.http.expectedStatuses`, http?.expectedStatuses),
    ...(http || tcp || grpc ? [] : [{ path, message: "must have at least one defined: http, tcp, grpc" }]),
  ];
}

/** An absolute path, of Unix or of Windows. */
function validateLogPath(path: string, file: string | undefined): readonly Violation[] {
  if (file === undefined || /^(?:\/|[a-zA-Z]:\\)/.test(file)) return [];
  return [{ path, message: "must be a valid path when defined" }];
}
