import type { Resource, Tags, TargetRef } from "@meridian/model";
import { namesResource } from "./destinations.ts";
import { fitsTags } from "./selectors.ts";
import { selectsProxy, type TargetRefSpec, topLevelRef } from "./target-ref.ts";
import type { ProxySubject } from "./types.ts";

/** The MeshGateway that a builtin gateway proxy runs, and the tags of its listeners, merged (resources-legacy.md section 14). */
export interface GatewayOfProxy {
  readonly resource: Resource;
  readonly listenerTags: readonly Tags[];
}

/** What top-level references can name beside the proxy itself. */
export interface SelectionContext {
  /** Of a builtin gateway proxy. */
  readonly gateway?: GatewayOfProxy | undefined;
  /** MeshHTTPRoutes of the mesh. */
  readonly routes: readonly Resource<TargetRefSpec>[];
}

/**
 * Whether a policy selects the proxy, also through the gateway that it runs or a route that it has: what `selectsProxy` cannot tell
 * from the proxy alone (reference: resources.md section 6, Selection).
 */
export function selectsProxyOrParts(
  policy: Resource<TargetRefSpec>,
  subject: ProxySubject,
  { gateway, routes }: SelectionContext,
): boolean {
  const ref = topLevelRef(policy.spec);
  if (ref.kind === "MeshHTTPRoute") {
    const isInScope = selectsProxy(withTarget(policy, { kind: "Mesh" }), subject);
    return (
      isInScope &&
      routes.some((route) => namesResource(ref, route) && selectsProxyOrParts(route, subject, { gateway, routes: [] }))
    );
  }
  if (!gateway) return selectsProxy(policy, subject);
  if (ref.kind === "Dataplane") return false;
  if (ref.kind === "MeshGateway") {
    const { tags = {} } = ref;
    const isInScope = selectsProxy(withTarget(policy, { kind: "Mesh" }), subject);
    return isInScope && namesResource(ref, gateway.resource) && gateway.listenerTags.some((tagSet) => fitsTags(tags, tagSet));
  }
  return selectsProxy(policy, { ...subject, tagSets: [...subject.tagSets, ...gateway.listenerTags] });
}

function withTarget(policy: Resource<TargetRefSpec>, targetRef: TargetRef): Resource<TargetRefSpec> {
  return { ...policy, spec: { ...policy.spec, targetRef } };
}
