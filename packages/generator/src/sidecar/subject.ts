import { labelNames, type Tags } from "@meridian/model";
import type { ProxySubject } from "@meridian/policies";
import { mentionText } from "../view/mention-index.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { tagsText } from "../view/tags.ts";

/** Selection by proxy type and by namespace reads these; proxies with equal outbounds rarely differ in them. */
const alwaysRead: ReadonlySet<string> = new Set([labelNames.namespace, labelNames.proxyType]);

/** Stands for any value that no policy asks for. */
const someValue = "";

/**
 * The proxy as far as outbound policies can tell it from others: two that are equal here get equal outbounds, even where one has
 * tags of its own, such as the name of its pod. Whole where its tags are sent along with requests.
 */
export function narrowSubject(view: MeshView, subject: ProxySubject): ProxySubject {
  const { mesh } = subject;
  if (view.needsSourceTags(mesh)) return subject;
  const labels = Object.entries(subject.labels).filter(
    ([label]) => alwaysRead.has(label) || view.isMentioned(mesh, mentionText.label(label)),
  );
  const tagSets = new Map<string, Tags>();
  for (const tags of subject.tagSets) {
    const narrowed = narrowTags(view, mesh, tags);
    tagSets.set(tagsText(narrowed), narrowed);
  }
  return {
    ...subject,
    name: view.isMentioned(mesh, mentionText.names) ? subject.name : "",
    labels: Object.fromEntries(labels),
    tagSets: [...tagSets.keys()].sort().map((text) => tagSets.get(text) as Tags),
  };
}

/** Tags that some policy mentions; of their values, those that some policy asks for. */
function narrowTags(view: MeshView, mesh: string, tags: Tags): Tags {
  const narrowed: Record<string, string> = {};
  for (const [tag, value] of Object.entries(tags)) {
    if (!view.isMentioned(mesh, mentionText.tag(tag))) continue;
    narrowed[tag] = view.isMentioned(mesh, mentionText.tagValue(tag, value)) ? value : someValue;
  }
  return narrowed;
}
