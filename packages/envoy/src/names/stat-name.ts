/** Envoy's metrics use `.` and `:` as separators, so a name with other characters gets a clean twin (policies-envoy.md 0.2). */
export function statName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]/g, "_");
}

/** `altStatName` of a cluster, present only where it differs from the name. */
export function altStatName(name: string): { readonly altStatName?: string } {
  const clean = statName(name);
  return clean === name ? {} : { altStatName: clean };
}
