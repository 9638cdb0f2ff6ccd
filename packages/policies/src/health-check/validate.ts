import { at, type Unchecked, type Violation } from "@meridian/model";
import { isZeroDuration } from "../core/fragments/legacy-durations.ts";
import { isPercentage } from "../core/fragments/legacy-numbers.ts";
import { validateOutboundLists } from "../core/fragments/source-destination.ts";
import type { HealthCheckConf, HealthCheckSpec } from "./schema.ts";

type Conf = Unchecked<HealthCheckConf>;

/** Source of rules and words: resources-legacy.md section 5. */
export function validateHealthCheck(spec: Unchecked<HealthCheckSpec>): readonly Violation[] {
  return [...validateOutboundLists(spec), ...validateConf(spec.conf)];
}

function validateConf(conf: Conf | undefined): readonly Violation[] {
  if (!conf) return [{ path: "conf", message: "has to be defined" }];
  const violations: Violation[] = [...validatePositive(conf)];
  const { healthyPanicThreshold } = conf;
  if (healthyPanicThreshold !== undefined && !isPercentage(healthyPanicThreshold)) {
    violations.push({ path: "conf.healthyPanicThreshold", message: "must be in range [0.0 - 100.0]" });
  }
  if (conf.http && conf.tcp) violations.push({ path: "conf", message: "http and tcp cannot be defined at the same time" });
  return [...violations, ...validateHttp(conf.http)];
}

const requiredDurations = ["interval", "timeout"] as const;
const thresholds = ["unhealthyThreshold", "healthyThreshold"] as const;
const optionalDurations = ["initialJitter", "intervalJitter", "noTrafficInterval"] as const;

/** What is required must not be 0; what is not required, only when it is there. */
function validatePositive(conf: Conf): readonly Violation[] {
  const wrong = [
    ...requiredDurations.filter((field) => isZeroDuration(conf[field] ?? "0")),
    ...thresholds.filter((field) => !conf[field]),
    ...optionalDurations.filter((field) => isZeroDuration(conf[field] ?? "1s")),
  ];
  return wrong.map((field) => ({ path: `conf.${field}`, message: "must have a positive value" }));
}

function validateHttp(http: Conf["http"]): readonly Violation[] {
  if (!http) return [];
  const violations: Violation[] = [];
  if (!http.path) violations.push({ path: "conf.http.path", message: "has to be defined and cannot be empty" });
  http.expectedStatuses?.forEach((status, index) => {
    if (status !== undefined && status >= 100 && status < 600) return;
    violations.push({ path: at("conf.http.expectedStatuses", index), message: "must be in range [100, 600)" });
  });
  http.requestHeadersToAdd?.forEach((added, index) => {
    const path = `${at("conf.http.requestHeadersToAdd", index)}.header`;
    if (!added?.header) violations.push({ path, message: "has to be defined" });
    else if (!added.header.key) violations.push({ path: `${path}.key`, message: "cannot be empty" });
  });
  return violations;
}
