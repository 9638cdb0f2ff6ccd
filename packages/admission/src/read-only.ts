import type { KindDefinition } from "@meridian/model";
import type { AdmissionDeps } from "./ports.ts";

/** Why users cannot write a kind here; undefined when they can. Source: rest-api.md section 3.4. */
export function readOnlyReason(definition: KindDefinition, deps: Pick<AdmissionDeps, "role" | "readOnly">): string | undefined {
  const { kind } = definition;
  if (deps.readOnly) return `this control plane is read-only: change ${kind} resources where they are kept`;
  if (definition.category === "insight") return `${kind} is written by control planes only`;
  if (deps.role === "global" && definition.zoneOwned)
    return `${kind} belongs to a zone: change it at the control plane of its zone`;
  if (deps.role === "zone" && !isWritableAtZone(definition))
    return `${kind} comes from the global control plane: change it there`;
  return undefined;
}

/** What the global does not send down, what goes up as well, and secrets, of which a zone has its own. */
function isWritableAtZone({ category, sync }: KindDefinition): boolean {
  return category === "secret" || !sync.globalToZone || sync.zoneToGlobal === true;
}
