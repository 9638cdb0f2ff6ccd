import { keyText, type Resource, type Tags } from "@meridian/model";
import { canMeet, type FromItem } from "../core/from-rules.ts";
import { comparePolicies } from "../core/policy-order.ts";
import { allOf, anyone, not, oneOf, tagPrincipals } from "../core/principal.ts";
import type { ProtoJson } from "../core/route.ts";
import { fitsTags } from "../core/selectors.ts";
import { refTags } from "../core/target-ref.ts";
import type { Action, MeshTrafficPermissionSpec } from "./schema.ts";

/** One entry, and whose it is. */
export interface PermissionItem extends FromItem<Action> {
  readonly policy: Resource;
}

/** Every `from` entry as the tags of its clients and their action, weakest first: the last one that fits a client decides. */
export function fromItems(policies: readonly Resource<MeshTrafficPermissionSpec>[]): readonly PermissionItem[] {
  return policies
    .toSorted(comparePolicies)
    .flatMap((policy) =>
      (policy.spec.from ?? []).map((item) => ({ policy, tags: refTags(item.targetRef) ?? {}, item: item.default.action })),
    );
}

/**
 * Envoy RBAC for the entries: who may pass, and who of them is counted as if denied (reference: policies-envoy.md section 9). Each
 * entry excludes the stronger ones that decide otherwise. That says the same as the disjoint rules of `fromRules`, in a size that
 * grows with the entries and not with the product of their tag values.
 */
export function fromRbac(items: readonly FromItem<Action>[], mesh: string): ProtoJson {
  const allowed = principalsOf(items, mesh, (action) => action !== "Deny");
  const shadowDenied = principalsOf(items, mesh, (action) => action === "AllowWithShadowDeny");
  return {
    rules: allowed.length > 0 ? { policies: { MeshTrafficPermission: policy(allowed) } } : {},
    ...(shadowDenied.length > 0 && {
      shadowRules: { action: "DENY", policies: { MeshTrafficPermission: policy(shadowDenied) } },
    }),
  };
}

/** `keyText` of each policy, sorted. */
export function originsOf(policies: readonly Resource[]): readonly string[] {
  return policies.map(keyText).sort();
}

function policy(principals: readonly ProtoJson[]): ProtoJson {
  return { permissions: [{ any: true }], principals };
}

/** Principals of all clients whose deciding entry is wanted; each entry's own tags, without the stronger entries of other actions. */
function principalsOf(
  items: readonly FromItem<Action>[],
  mesh: string,
  isWanted: (action: Action) => boolean,
): readonly ProtoJson[] {
  const principals = items.flatMap(({ tags, item }, index): readonly ProtoJson[] => {
    const stronger = items.slice(index + 1);
    // A stronger entry for all of these clients decides, whatever it says.
    if (!isWanted(item) || stronger.some((other) => fitsTags(other.tags, tags))) return [];
    return [withoutThe(tags, exceptions(tags, stronger, isWanted), mesh)];
  });
  return principals.includes(anyone) ? [anyone] : principals;
}

/** Stronger entries that take clients away: those of other actions, unless an entry stronger still gives them back as a whole. */
function exceptions(tags: Tags, stronger: readonly FromItem<Action>[], isWanted: (action: Action) => boolean): readonly Tags[] {
  return stronger
    .filter(({ item }, index) => {
      const unwanted = !isWanted(item);
      return unwanted && !stronger.slice(index + 1).some((other) => fitsTags(other.tags, stronger[index]?.tags ?? {}));
    })
    .map((other) => other.tags)
    .filter((other) => canMeet(tags, other));
}

function withoutThe(tags: Tags, exceptions: readonly Tags[], mesh: string): ProtoJson {
  const own = tagPrincipals(tags, mesh);
  if (exceptions.length === 0) return allOf(own);
  return allOf([...own, not(oneOf(exceptions.map((other) => allOf(tagPrincipals(other, mesh)))))]);
}
