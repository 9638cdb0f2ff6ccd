import type { Unchecked, Violation } from "@meridian/model";
import { validateOutboundLists } from "../core/fragments/source-destination.ts";
import type { TrafficLogSpec } from "./schema.ts";

/** The backend's name is not checked: it may be added to the mesh later (reference: resources-legacy.md section 3). */
export function validateTrafficLog(spec: Unchecked<TrafficLogSpec>): readonly Violation[] {
  return validateOutboundLists(spec);
}
