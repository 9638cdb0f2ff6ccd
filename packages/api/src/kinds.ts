import { readOnlyReason } from "@meridian/admission";
import type { KindDefinition } from "@meridian/model";
import type { ApiDeps } from "./ports.ts";

type Place = Pick<ApiDeps, "mode" | "readOnly">;

/** Why users cannot write a kind here; undefined when they can. Admission decides; the API asks early, before it reads a body. */
export function whyReadOnly(kind: KindDefinition, { mode, readOnly }: Place): string | undefined {
  return readOnlyReason(kind, { role: mode, ...(readOnly !== undefined && { readOnly }) });
}

/** Every path under which a kind is served. */
export function pathsOf(kind: KindDefinition): readonly string[] {
  return [kind.path, ...(kind.aliasPaths ?? [])];
}

/** `Dataplane` → `dataplane`, `ZoneIngress` → `zoneIngress`: the field names of overviews. */
export function fieldNameOf(kind: string): string {
  return kind.charAt(0).toLowerCase() + kind.slice(1);
}
