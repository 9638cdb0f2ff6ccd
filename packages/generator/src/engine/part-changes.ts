import { type EncodedResource, type TypeUrl, typeUrls } from "@meridian/envoy";
import type { PartResources } from "../parts.ts";
import { endpointsKey } from "./shared-profile.ts";
import type { SharedUnit } from "./shared-units.ts";
import type { Step } from "./step.ts";

/** Tells the profiles that use a part which types of theirs may differ now. */
export function markPartChange({ unit, users }: SharedUnit<PartResources>, before: PartResources, step: Step): void {
  const types = changedTypes(before, unit.value);
  const otherEndpoints = endpointKeys(before) !== endpointKeys(unit.value);
  for (const user of users) {
    for (const typeUrl of types) step.markStale(user, typeUrl);
    if (otherEndpoints) user.markEndpointsStale(step);
    if (before.notes !== unit.value.notes) step.renoted.add(user);
  }
}

export function markEndpointsChange(
  { unit, users }: SharedUnit<EncodedResource | undefined>,
  before: EncodedResource | undefined,
  step: Step,
): void {
  if (unit.value === before) return;
  for (const user of users) step.markStale(user, typeUrls.endpoint);
}

/** Resources are pooled: the same object is the same content. Compared in place, a shift marks a type too many at most. */
function changedTypes(before: PartResources, after: PartResources): ReadonlySet<TypeUrl> {
  const types = new Set<TypeUrl>();
  for (let index = 0; index < Math.max(before.resources.length, after.resources.length); index++) {
    const was = before.resources[index];
    const is = after.resources[index];
    if (was === is) continue;
    if (was) types.add(was.typeUrl);
    if (is) types.add(is.typeUrl);
  }
  if (listenerText(before) !== listenerText(after)) types.add(typeUrls.listener);
  return types;
}

function listenerText({ listener }: PartResources): string {
  return listener ? JSON.stringify([listener.inputs, listener.origins]) : "";
}

function endpointKeys({ endpoints }: PartResources): string {
  return endpoints.map(endpointsKey).join("\n");
}
