import { type Resource, type Tags, tagNames } from "@meridian/model";
import type { PermissionPlanInput } from "./core/inputs.ts";
import { selectForInbound } from "./core/legacy-selection.ts";
import { orderRules, type PeerMatch } from "./core/rule-list.ts";
import { fitsTags } from "./core/selectors.ts";
import { selectsInbound } from "./core/target-ref.ts";
import { fromItems } from "./mesh-traffic-permission/from.ts";
import type { MeshTrafficPermissionSpec } from "./mesh-traffic-permission/schema.ts";
import type { TrafficPermissionSpec } from "./traffic-permission/schema.ts";

export interface ClientPermissionInput extends PermissionPlanInput {
  /** Tags of each inbound of the client. */
  readonly clientTagSets: readonly Tags[];
}

/**
 * Whether a client may reach a destination that cannot ask for its certificate, by the policies that `planPermission` turns into RBAC
 * elsewhere. Undefined: no policy has a say. `subject` and `inbound` stand for the destination.
 */
export function permitsClient(input: ClientPermissionInput): boolean | undefined {
  return permittedByMeshTrafficPermission(input) ?? permittedByTrafficPermission(input);
}

function permittedByTrafficPermission({ mesh, inbound, trafficPermissions, clientTagSets }: ClientPermissionInput) {
  const ofMesh = (trafficPermissions as readonly Resource<TrafficPermissionSpec>[]).filter((policy) => policy.mesh === mesh);
  const policy = selectForInbound(inbound.tags, ofMesh);
  return policy?.spec.sources?.some(({ match = {} }) => clientTagSets.some((tags) => fitsTags(match, tags)));
}

/** `rules` switch `from` off, as at inbounds. */
function permittedByMeshTrafficPermission(input: ClientPermissionInput): boolean | undefined {
  const { mesh, subject, inbound, clientTagSets } = input;
  const policies = (input.meshTrafficPermissions as readonly Resource<MeshTrafficPermissionSpec>[]).filter(
    (policy) => policy.mesh === mesh && selectsInbound(policy, subject, inbound),
  );
  const withRules = policies.filter(({ spec }) => (spec.rules?.length ?? 0) > 0);
  if (withRules.length > 0) {
    const rules = orderRules(withRules);
    const fits = (match: PeerMatch): boolean => fitsClient(match, mesh, clientTagSets);
    if (rules.some(({ conf }) => conf.deny?.some(fits))) return false;
    return rules.some(({ conf }) => [...(conf.allow ?? []), ...(conf.allowWithShadowDeny ?? [])].some(fits));
  }
  const items = fromItems(policies);
  if (items.length === 0) return undefined;
  const deciding = items.findLast((entry) => clientTagSets.some((tags) => fitsTags(entry.tags, tags)));
  return deciding !== undefined && deciding.item !== "Deny";
}

/** A server name that a rule asks for is one of the mesh: nobody sends it to the outside. */
function fitsClient({ spiffeID, sni }: PeerMatch, mesh: string, clientTagSets: readonly Tags[]): boolean {
  if (sni) return false;
  if (!spiffeID) return true;
  const { type, value } = spiffeID;
  return clientTagSets.some((tags) => {
    const id = `spiffe://${mesh}/${tags[tagNames.service] ?? ""}`;
    return type === "Exact" ? id === value : id.startsWith(value);
  });
}
