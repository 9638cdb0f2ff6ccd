import { type Unchecked, type Violation, validateSelectors } from "@meridian/model";
import { selectors } from "../core/fragments/source-destination.ts";
import type { TrafficTraceSpec } from "./schema.ts";

/** The backend's name is not checked: it may be added to the mesh later (reference: resources-legacy.md section 4). */
export function validateTrafficTrace(spec: Unchecked<TrafficTraceSpec>): readonly Violation[] {
  return validateSelectors("selectors", selectors(spec.selectors));
}
