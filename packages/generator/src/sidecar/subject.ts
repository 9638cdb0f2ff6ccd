import { labelNames, type Tags } from "@meridian/model";
import { needsSelf, type ProxySubject } from "@meridian/policies";
import { gatewayOf } from "../gateway/gateway-of.ts";
import type { ProxyDescription } from "../types.ts";
import type { DataplaneFacts } from "../view/dataplane-facts.ts";
import { mentionText } from "../view/mention-index.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { tagsText } from "../view/tags.ts";

/** Selection by proxy type and by namespace reads these; proxies with equal outbounds rarely differ in them. */
const alwaysRead: ReadonlySet<string> = new Set([labelNames.namespace, labelNames.proxyType]);

/** Stands for any value that no policy asks for. */
const someValue = "";

/** The whole proxy, as its inbounds and its own resources see it. */
export function subjectOf(view: MeshView, proxy: ProxyDescription, dataplane: DataplaneFacts): ProxySubject {
  const { name, labels, tagSets, address } = dataplane;
  const self = {
    name,
    address,
    features: [...proxy.features].sort(),
    ipv6Enabled: proxy.ipv6Enabled !== false,
    ...(proxy.workdir !== undefined && { workdir: proxy.workdir }),
    ...(proxy.metricsTls && { metricsTls: proxy.metricsTls }),
  };
  const gateway = dataplane.builtinGateway && gatewayOf(view, proxy.mesh, dataplane.builtinGateway);
  return { mesh: proxy.mesh, name, zone: view.zone, labels, tagSets, self, ...(gateway && { gateway }) };
}

/**
 * The proxy as far as outbound policies can tell it from others: two that are equal here get equal outbounds, even where one has
 * tags of its own, such as the name of its pod. Whole where its tags are sent along with requests.
 */
export function narrowSubject(view: MeshView, { self, ...subject }: ProxySubject): ProxySubject {
  const { mesh } = subject;
  const readsSelf = view.isMentioned(mesh, mentionText.self) || needsSelf(view.mesh(mesh)?.settings ?? {});
  if (readsSelf && self) return { ...subject, self };
  if (view.needsSourceTags(mesh)) return subject;
  const labels = Object.entries(subject.labels).filter(
    ([label]) => alwaysRead.has(label) || view.isMentioned(mesh, mentionText.label(label)),
  );
  return {
    ...subject,
    name: view.isMentioned(mesh, mentionText.names) ? subject.name : "",
    labels: Object.fromEntries(labels),
    tagSets: view.isMentioned(mesh, mentionText.allTags) ? subject.tagSets : narrowTagSets(view, subject),
  };
}

/** In the order of the inbounds: the first service is the name that logs and traces know the proxy by. */
function narrowTagSets(view: MeshView, { mesh, tagSets }: ProxySubject): readonly Tags[] {
  const narrow = new Map<string, Tags>();
  for (const tags of tagSets) {
    const narrowed = narrowTags(view, mesh, tags);
    narrow.set(tagsText(narrowed), narrowed);
  }
  return [...narrow.values()];
}

/** Tags that some policy mentions; of their values, those that some policy asks for. */
function narrowTags(view: MeshView, mesh: string, tags: Tags): Tags {
  // Who may reach a service outside of the mesh is decided at the client, unless an egress on the way can.
  const decidesPermissions = !view.mesh(mesh)?.leavesByEgress && view.hasExternalServices(mesh);
  const isMentioned = (mention: string): boolean =>
    view.isMentioned(mesh, mention) || (decidesPermissions && view.isMentioned(mesh, mentionText.byPermission(mention)));
  const narrowed: Record<string, string> = {};
  for (const [tag, value] of Object.entries(tags)) {
    if (!isMentioned(mentionText.tag(tag))) continue;
    const keepsValue = isMentioned(mentionText.anyValue(tag)) || isMentioned(mentionText.tagValue(tag, value));
    narrowed[tag] = keepsValue ? value : someValue;
  }
  return narrowed;
}
