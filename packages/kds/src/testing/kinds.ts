import { coreKinds, createKindRegistry, type KindDefinition, type KindRegistry, type SyncRule } from "@meridian/model";

/** A policy kind as far as KDS looks at it: its name and how it travels. */
function policyKind(kind: string, path: string, sync: SyncRule): KindDefinition {
  const [pattern] = coreKinds.filter((core) => core.kind === "Dataplane");
  if (!pattern) throw new Error("the core kinds hold no Dataplane");
  const { zoneOwned: _owned, aliasPaths: _aliases, shortName: _short, ...rest } = pattern;
  return { ...rest, kind, path, category: "policy", sync };
}

/** The core kinds, one policy of each generation. */
export const testKinds: KindRegistry = createKindRegistry([
  ...coreKinds,
  policyKind("TrafficRoute", "traffic-routes", { globalToZone: true }),
  policyKind("MeshHTTPRoute", "meshhttproutes", { globalToZone: true, zoneToGlobal: true, zoneToZone: true }),
]);
