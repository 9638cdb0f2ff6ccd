import { keyText, type Resource, type Tags, tagNames } from "@meridian/model";
import type { PermissionPlanInput } from "./core/inputs.ts";
import { selectForInbound } from "./core/legacy-selection.ts";
import { type OrderedRule, orderRules, type PeerMatch } from "./core/rule-list.ts";
import { fitsTags } from "./core/selectors.ts";
import { selectsInbound } from "./core/target-ref.ts";
import { fromItems, originsOf } from "./mesh-traffic-permission/from.ts";
import type { MeshTrafficPermissionSpec } from "./mesh-traffic-permission/schema.ts";
import type { TrafficPermissionSpec } from "./traffic-permission/schema.ts";

export interface ClientPermissionInput extends PermissionPlanInput {
  /** Tags of each inbound of the client. */
  readonly clientTagSets: readonly Tags[];
  /** What a MeshIdentity makes of the client; absent: the mesh's CA names it by its services. */
  readonly clientSpiffeId?: string;
}

export interface ClientPermission {
  readonly isAllowed: boolean;
  /** False: nobody speaks of this client, and who is not spoken of may not come in. */
  readonly isExplicit: boolean;
  /** `keyText`, sorted: who decided; if nobody speaks of the client, all who have a say. */
  readonly policies: readonly string[];
}

type RulesConf = NonNullable<MeshTrafficPermissionSpec["rules"]>[number]["default"];

/**
 * Whether a client may reach a destination, by the policies that `planPermission` turns into RBAC, and which of them decides: for
 * destinations that cannot ask for a certificate, and for people. Undefined: no policy has a say. `subject` and `inbound` stand for
 * the destination.
 */
export function clientPermission(input: ClientPermissionInput): ClientPermission | undefined {
  return byMeshTrafficPermission(input) ?? byTrafficPermission(input);
}

function byTrafficPermission(input: ClientPermissionInput): ClientPermission | undefined {
  const { mesh, inbound, trafficPermissions, clientTagSets } = input;
  const ofMesh = (trafficPermissions as readonly Resource<TrafficPermissionSpec>[]).filter((policy) => policy.mesh === mesh);
  const policy = selectForInbound(inbound.tags, ofMesh);
  if (!policy) return undefined;
  const { sources = [] } = policy.spec;
  const isAllowed = sources.some(({ match = {} }) => clientTagSets.some((tags) => fitsTags(match, tags)));
  return { isAllowed, isExplicit: isAllowed, policies: [keyText(policy)] };
}

/** `rules` switch `from` off, as at inbounds, and so do clients without tags. */
function byMeshTrafficPermission(input: ClientPermissionInput): ClientPermission | undefined {
  const { mesh, subject, inbound, clientTagSets, clientSpiffeId, knowsIdsOnly } = input;
  const idOf = (tags: Tags): string => clientSpiffeId ?? `spiffe://${mesh}/${tags[tagNames.service] ?? ""}`;
  const policies = (input.meshTrafficPermissions as readonly Resource<MeshTrafficPermissionSpec>[]).filter(
    (policy) => policy.mesh === mesh && selectsInbound(policy, subject, inbound),
  );
  const withRules = policies.filter(({ spec }) => (spec.rules?.length ?? 0) > 0);
  if (withRules.length > 0 || knowsIdsOnly) return byRules(withRules, (match) => fitsClient(match, clientTagSets.map(idOf)));
  const items = fromItems(policies);
  if (items.length === 0) return undefined;
  const deciding = items.findLast((entry) => clientTagSets.some((tags) => fitsTags(entry.tags, tags)));
  if (!deciding) return { isAllowed: false, isExplicit: false, policies: originsOf(policies) };
  return { isAllowed: deciding.item !== "Deny", isExplicit: true, policies: [keyText(deciding.policy)] };
}

/** Every `deny` first, then what is allowed. */
function byRules(
  policies: readonly Resource<MeshTrafficPermissionSpec>[],
  fits: (match: PeerMatch) => boolean,
): ClientPermission {
  const rules: readonly OrderedRule<RulesConf>[] = orderRules(policies);
  const denies = rules.find(({ conf }) => conf.deny?.some(fits));
  const allows = rules.find(({ conf }) => [...(conf.allow ?? []), ...(conf.allowWithShadowDeny ?? [])].some(fits));
  const decides = denies ?? allows;
  if (!decides) return { isAllowed: false, isExplicit: false, policies: originsOf(policies) };
  return { isAllowed: !denies, isExplicit: true, policies: [keyText(decides.policy)] };
}

/** A server name that a rule asks for is one of the mesh: nobody sends it to the outside. */
function fitsClient({ spiffeID, sni }: PeerMatch, ids: readonly string[]): boolean {
  if (sni) return false;
  if (!spiffeID) return true;
  const { type, value } = spiffeID;
  return ids.some((id) => (type === "Exact" ? id === value : id.startsWith(value)));
}
