/** A number handed out by a store's change log: revision order is commit order (design decision 1). 0 is "before everything". */
export type Revision = number;

/** Names one resource. `mesh` is "" for kinds of global scope. */
export interface ResourceKey {
  readonly kind: string;
  readonly mesh: string;
  readonly name: string;
}

export type Labels = Readonly<Record<string, string>>;

/** What a writer hands in. */
export interface ResourceInput<Spec = unknown> extends ResourceKey {
  readonly labels: Labels;
  /**
   * The kind's own fields. For legacy kinds the fields that users write at the top level (`sources`, `conf`, `networking`), for
   * spec kinds the content of `spec`; after parsing both have defaults filled in and durations normalised by the kind.
   */
  readonly spec: Spec;
  readonly status?: unknown;
}

/** What a store hands out. Treat it as immutable: it is shared. */
export interface Resource<Spec = unknown> extends ResourceInput<Spec> {
  /** The revision that wrote it last: also the token for optimistic concurrency. */
  readonly version: Revision;
  /** RFC 3339, UTC. */
  readonly creationTime: string;
  readonly modificationTime: string;
}

/** `Kind/mesh/name`, `Kind//name` for global scope. Unique, and sorts as stores sort: by kind, mesh, name. */
export function keyText(key: ResourceKey): string {
  return `${key.kind}/${key.mesh}/${key.name}`;
}

/** The reverse of `keyText`. @throws RangeError if `text` is not of that form: it never comes from a user. */
export function parseKeyText(text: string): ResourceKey {
  const [kind, mesh, name, ...rest] = text.split("/");
  if (!kind || mesh === undefined || !name || rest.length > 0) throw new RangeError(`not a resource key: ${text}`);
  return { kind, mesh, name };
}

/** Code-unit order by kind, mesh, name; the order of every listing. */
export function compareKeys(a: ResourceKey, b: ResourceKey): number {
  return compareText(a.kind, b.kind) || compareText(a.mesh, b.mesh) || compareText(a.name, b.name);
}

/** Code-unit order: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
