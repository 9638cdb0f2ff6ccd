/** One mistake of a user, with its place. All of them are reported at once. */
export interface Violation {
  /** As users of the peer know it: `conf.split[0].weight`, `spec.to[0].targetRef.kind`, `sources[0].match["k"]`. */
  readonly path: string;
  readonly message: string;
}

/** Appends a list index or a map key to a path: `at("conf.split", 0)`, `at("tags", "kuma.io/zone")`. */
export function at(path: string, key: number | string): string {
  return typeof key === "number" ? `${path}[${key}]` : `${path}["${key}"]`;
}
