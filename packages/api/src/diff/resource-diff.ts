import { canonicalJson, type KindRegistry, type Resource, type ResourceKey, renderResource, renderYaml } from "@meridian/model";
import { unifiedDiff } from "./unified.ts";

/** Both sides of a change; at least one is there. */
export interface ResourceSides {
  readonly key: ResourceKey;
  readonly before?: Resource | undefined;
  readonly after?: Resource | undefined;
}

/** What each side is called in the head of the diff: `revision 3`. */
export interface SideNames {
  readonly before: string;
  readonly after: string;
}

/**
 * How the document of a resource changed, as a unified diff of its YAML: without times and KRI, which nobody writes. A secret shows
 * that its content changed, never the content, whoever asks: diffs are pasted into reviews and chats.
 */
export function resourceDiff({ key, before, after }: ResourceSides, names: SideNames, kinds: KindRegistry): string {
  const isSecret = kinds.get(key.kind)?.category === "secret";
  const [left, right] = isSecret ? hideContent(before, after) : [before, after];
  const leftDocument = left && documentOf(left, kinds);
  const rightDocument = right && inOrderOf(documentOf(right, kinds), leftDocument);
  const title = `${key.kind} ${key.mesh === "" ? "" : `${key.mesh}/`}${key.name}`;
  return unifiedDiff(leftDocument ? renderYaml(leftDocument) : "", rightDocument ? renderYaml(rightDocument) : "", {
    before: `${title} (${names.before}${left ? "" : ", absent"})`,
    after: `${title} (${names.after}${right ? "" : ", absent"})`,
  });
}

function hideContent(before: Resource | undefined, after: Resource | undefined): readonly (Resource | undefined)[] {
  const isSame = canonicalJson(before?.spec) === canonicalJson(after?.spec);
  const hidden = (resource: Resource | undefined, text: string) => resource && { ...resource, spec: { data: text } };
  return [hidden(before, "<hidden>"), hidden(after, before && !isSame ? "<hidden, changed>" : "<hidden>")];
}

function documentOf(resource: Resource, kinds: KindRegistry): Readonly<Record<string, unknown>> {
  // A kind that this version no longer knows is still history.
  if (!kinds.get(resource.kind)) {
    const { kind, mesh, name, labels, spec } = resource;
    return { type: kind, ...(mesh !== "" && { mesh }), name, labels, spec };
  }
  const { creationTime: _created, modificationTime: _modified, kri: _kri, ...document } = renderResource(resource, kinds);
  return document;
}

/** The fields that both have, as the other one has them: the order of fields says nothing, so it must not show as a change. */
function inOrderOf<T>(value: T, other: unknown): T {
  if (Array.isArray(value))
    return value.map((item, index) => inOrderOf(item, Array.isArray(other) ? other[index] : undefined)) as T;
  if (typeof value !== "object" || value === null) return value;
  const reference = typeof other === "object" && other !== null ? (other as Readonly<Record<string, unknown>>) : {};
  const own = value as Readonly<Record<string, unknown>>;
  const shared = Object.keys(reference).filter((name) => Object.hasOwn(own, name));
  const added = Object.keys(own).filter((name) => !Object.hasOwn(reference, name));
  return Object.fromEntries([...shared, ...added].map((name) => [name, inOrderOf(own[name], reference[name])])) as T;
}
