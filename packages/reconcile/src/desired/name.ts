import { canonicalJson, type ResourceKey } from "@meridian/model";
import { hostOf, type NameSpec, nameResource } from "@meridian/services";
import type { Change } from "@meridian/store";
import type { Names } from "../state/names.ts";

/** What one name needs. */
export interface NameStep {
  /** Undefined: nothing is to be written. */
  readonly change?: Change;
  /** It was given an address just now, which is its own once the change is committed. */
  readonly isNew: boolean;
}

/**
 * What a host name should be, compared with what is stored. A name keeps its address as long as it is there.
 * @throws RangeError: no address is free.
 */
export function nameStep(key: ResourceKey, names: Names): NameStep {
  const host = hostOf(key) ?? "";
  const { kind, mesh, name } = key;
  const stored = names.stored(key);
  const wanted = names.wanted(mesh, host);
  if (!wanted)
    return stored
      ? { change: { op: "delete", key: { kind, mesh, name }, expect: stored.version }, isNew: false }
      : { isNew: false };
  const held = names.held(mesh, host);
  const spec: NameSpec = { ...wanted, ip: held ?? names.allocate(mesh, host) };
  if (stored && canonicalJson(stored.spec) === canonicalJson(spec)) return { isNew: false };
  const change: Change = { op: "put", resource: nameResource(mesh, spec), expect: stored?.version ?? "absent" };
  return { change, isNew: held === undefined };
}
