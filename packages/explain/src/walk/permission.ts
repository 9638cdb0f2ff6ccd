import { hasIdentities, inboundClientPermission, inboundPermission } from "@meridian/generator";
import { parseKeyText, type Tags } from "@meridian/model";
import { type ClientPermission, type PermissionPlan, policyKri } from "@meridian/policies";
import type { Json } from "../envoy/json.ts";
import { rbacFilters } from "../envoy/listeners.ts";
import { type ClientIdentity, judge, judgeShadow } from "../envoy/rbac.ts";
import type { Permission } from "../types.ts";
import type { ZoneWorld } from "../worlds/zone-world.ts";
import type { Server } from "./servers.ts";

/** Nobody asks who calls. */
export const openPermission: Permission = { decision: "open", policies: [] };

/** What the policies of a server say, to find out which of them is behind what Envoy does. */
export interface PolicySide {
  readonly world: ZoneWorld;
  /** All that have a say, as their zone knows them. */
  readonly origins: readonly string[];
  /** Absent: none has a say. */
  readonly decided?: ClientPermission;
  /** What keeps everybody out, where it is no policy. */
  readonly closedBy?: string;
}

/** Only the filters that Envoy meets on this chain decide; all of them have to let the client in. */
export function permissionOf(chain: Json, client: ClientIdentity, side: PolicySide): Permission {
  const judged = rbacFilters(chain).map(({ place, rbac }) => ({
    ...{ place, ...judge(rbac, client) },
    shadow: judgeShadow(rbac, client),
  }));
  const decisive =
    judged.find(({ isAllowed }) => isAllowed === false) ?? judged.find(({ isAllowed }) => isAllowed === undefined) ?? judged[0];
  if (!decisive) return openPermission;
  const { isAllowed, rule, place } = decisive;
  const { policies, isExplicit } = whoDecided(side, isAllowed, rule);
  return {
    decision: isAllowed === undefined ? "unknown" : isAllowed ? "allowed" : "denied",
    ...(rule !== undefined && { rule }),
    policies: side.world.ownNames(policies),
    ...{ isExplicit, place },
    ...(judged.some(({ shadow }) => shadow?.isAllowed === false) && { shadowDenied: true }),
  };
}

/** A rule that has the KRI of a policy is its; else policies are asked, and believed where they say what Envoy does. */
function whoDecided({ world, origins, decided }: PolicySide, isAllowed: boolean | undefined, rule: string | undefined) {
  const named = origins.filter((origin) => {
    const policy = world.get(parseKeyText(origin));
    return policy !== undefined && policyKri("mtp", policy) === rule;
  });
  if (named.length > 0) return { policies: named, isExplicit: true };
  if (decided && decided.isAllowed === isAllowed) return decided;
  return { policies: origins, isExplicit: rule !== undefined };
}

/** The plan of an inbound's permissions; undefined: the mesh asks nobody. */
export function permissionPlan({ world, facts, inbound }: Server, mesh: string): PermissionPlan | undefined {
  return hasIdentities(world.view, mesh) ? inboundPermission(world.view, subjectAt(world, facts, mesh), inbound) : undefined;
}

export function policySide(server: Server, mesh: string, clientTagSets: readonly Tags[]): PolicySide {
  const { world, facts, inbound } = server;
  const decided = inboundClientPermission(world.view, { subject: subjectAt(world, facts, mesh), inbound }, clientTagSets);
  return { world, origins: permissionPlan(server, mesh)?.origins ?? [], ...(decided && { decided }) };
}

function subjectAt(world: ZoneWorld, { name, labels, tagSets }: Server["facts"], mesh: string) {
  return { mesh, name, zone: world.zone, labels, tagSets };
}
