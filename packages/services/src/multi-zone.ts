import { compareText, type MeshMultiZoneServiceSpec, type ResourceInput } from "@meridian/model";
import { hasLabels, identityOf, selectableLabels } from "./identity.ts";
import type { MatchedMeshService } from "./status.ts";

/** Whether a MeshService stands behind a MeshMultiZoneService of its mesh. Without `matchLabels` none does. */
export function isBehind(
  service: Pick<ResourceInput, "name" | "mesh" | "labels">,
  { selector }: MeshMultiZoneServiceSpec,
): boolean {
  const { matchLabels = {} } = selector.meshService;
  return Object.keys(matchLabels).length > 0 && hasLabels(selectableLabels(service), matchLabels);
}

/** `status.meshServices`, sorted by zone, namespace, name. Those without the asked-for ports are listed, too, as at the peer. */
export function matchedMeshServices(
  services: Iterable<Pick<ResourceInput, "name" | "mesh" | "labels">>,
): readonly MatchedMeshService[] {
  return [...services]
    .map(identityOf)
    .sort((a, b) => compareText(a.zone, b.zone) || compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
}
