import { readOnlyReason } from "@meridian/admission";
import type { KindDefinition } from "@meridian/model";
import type { ApiDeps } from "./ports.ts";

type Place = Pick<ApiDeps, "mode" | "readOnly">;

/** Why users cannot write a kind here; undefined when they can. Admission decides; the API asks early, before it reads a body. */
export function whyReadOnly(kind: KindDefinition, { mode, readOnly }: Place): string | undefined {
  return readOnlyReason(kind, { role: mode, ...(readOnly !== undefined && { readOnly }) });
}

/** Whether `_status` says where resources of a kind stand. */
export function hasPolicyStatus({ category, hasPolicyStatus: isLikePolicy }: KindDefinition): boolean {
  return category === "policy" || isLikePolicy === true;
}

/** Every path under which a kind is served. */
export function pathsOf(kind: KindDefinition): readonly string[] {
  return [kind.path, ...(kind.aliasPaths ?? [])];
}

/** `Dataplane` → `dataplane`, `ZoneIngress` → `zoneIngress`: the field names of overviews. */
export function fieldNameOf(kind: string): string {
  return kind.charAt(0).toLowerCase() + kind.slice(1);
}

/** Paths that older clients use for overviews (reference: rest-api.md section 3). */
const legacyOverviews: Readonly<Record<string, string>> = {
  Dataplane: "dataplanes+insights",
  Zone: "zones+insights",
  ZoneIngress: "zoneingresses+insights",
  ZoneEgress: "zoneegressoverviews",
};

/** Where overviews of a kind are served. @param mesh and @param name stand for the parameters: `:mesh`, or `{mesh}`. */
export function overviewPathsOf(
  kind: KindDefinition,
  mesh: string,
  name: string,
): { readonly lists: readonly string[]; readonly items: readonly string[] } {
  const own = kind.scope === "mesh" ? `/meshes/${mesh}` : "";
  const legacy = legacyOverviews[kind.kind];
  const lists = (prefix: string): readonly string[] => [
    ...pathsOf(kind).map((path) => `${prefix}/${path}/_overview`),
    ...(legacy ? [`${prefix}/${legacy}`] : []),
  ];
  return {
    lists: [...lists(own), ...(own === "" ? [] : lists(""))],
    items: [...pathsOf(kind).map((path) => `${own}/${path}/${name}/_overview`), ...(legacy ? [`${own}/${legacy}/${name}`] : [])],
  };
}
