import { at, type Unchecked, type Violation } from "@meridian/model";
import { validateInboundLists } from "../core/fragments/source-destination.ts";
import type { RateLimitSpec } from "./schema.ts";

/**
 * Source of rules and words: resources-legacy.md section 9, with the peer's own path for headers. That external services take no
 * tag but the service is a rule across resources, so not one of the kind.
 */
export function validateRateLimit(spec: Unchecked<RateLimitSpec>): readonly Violation[] {
  const lists = validateInboundLists(spec);
  if (!spec.conf) return [...lists, { path: "conf", message: "must have conf" }];
  const { http } = spec.conf;
  if (!http) return lists;
  const violations: Violation[] = [...lists];
  if (!http.requests) violations.push({ path: "conf.http.requests", message: "requests must be set" });
  if (http.interval === undefined) violations.push({ path: "conf.http.interval", message: "interval must be set" });
  http.onRateLimit?.headers?.forEach(({ key, value }, index) => {
    const path = at("conf.http.onRateLimit.header", String(index));
    if (!key) violations.push({ path, message: "key must be set" });
    if (!value) violations.push({ path, message: "value must be set" });
  });
  return violations;
}
