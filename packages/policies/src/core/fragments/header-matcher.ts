import type { ProtoJson } from "../route.ts";
import type { HeaderMatch } from "./header.ts";

/** Envoy `HeaderMatcher` (reference: policies-envoy.md section 3). */
export function headerMatcher({ type = "Exact", name, value = "" }: HeaderMatch): ProtoJson {
  switch (type) {
    case "Present":
      return { name, presentMatch: true };
    case "Absent":
      return { name, presentMatch: false };
    case "RegularExpression":
      return { name, stringMatch: { safeRegex: { regex: value } } };
    case "Prefix":
      // Envoy refuses an empty prefix (StringMatcher.prefix, min_len 1).
      return value === "" ? { name, presentMatch: true } : { name, stringMatch: { prefix: value } };
    case "Exact":
      return { name, stringMatch: { exact: value } };
  }
}
