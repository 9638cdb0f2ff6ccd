import type { KindDefinition, KindRegistry } from "./kind.ts";

/**
 * Puts the kinds of a process together.
 * @throws RangeError if two kinds share a name or a path: the list is written by hand, so this would be our bug.
 */
export function createKindRegistry(kinds: readonly KindDefinition[]): KindRegistry {
  const byKind = new Map<string, KindDefinition>();
  const byPath = new Map<string, KindDefinition>();
  for (const definition of kinds) {
    addOnce(byKind, definition.kind, definition);
    for (const path of [definition.path, ...(definition.aliasPaths ?? [])]) addOnce(byPath, path, definition);
  }
  return { all: [...kinds], get: (kind) => byKind.get(kind), byPath: (path) => byPath.get(path) };
}

function addOnce(map: Map<string, KindDefinition>, key: string, definition: KindDefinition): void {
  const taken = map.get(key);
  if (taken) throw new RangeError(`kinds ${taken.kind} and ${definition.kind} both claim "${key}"`);
  map.set(key, definition);
}
