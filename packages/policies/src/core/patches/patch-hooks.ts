import { type Cluster, type Listener, typeUrls } from "@meridian/envoy";
import type { Resource } from "@meridian/model";
import type { PolicyApply } from "../define-policy.ts";
import type { Decision, OwnResource } from "../effects/hooks.ts";
import type { ProxySubject } from "../types.ts";
import { patchCluster, patchListener, patchRoutes, removesClusterNamed, removesListenerLike } from "./apply-patches.ts";
import type { PatchModification } from "./modification.ts";

type Modifications = readonly PatchModification[];

/** The modifications that concern a proxy, in order, with the policies that they come from. */
export type DecidePatches = (subject: ProxySubject, policies: readonly Resource[]) => Decision<Modifications> | undefined;

/** Modifications of generated config, carried out on each resource as it is made (reference: policies-envoy.md section 17). */
export function patchHooks(decide: DecidePatches): PolicyApply {
  const about = (origin: string) => (input: { readonly subject: ProxySubject; readonly policies: readonly Resource[] }) =>
    onlyAbout(decide(input.subject, input.policies), origin);
  return {
    outbound: {
      decide: (input) =>
        input.subject.gateway ? behindGateway(decide(input.subject, input.policies)) : about("outbound")(input),
      cluster: (cluster, conf) => patchCluster(cluster, conf as Modifications, "outbound"),
      removesCluster: (name, conf) => removesClusterNamed(name, conf as Modifications, "outbound"),
      routeConfiguration: (routes, conf) => patchRoutes(routes, conf as Modifications, "outbound"),
      listener: (listener, conf) => patchListener(listener, conf as Modifications, "outbound"),
      removesListener: (name, conf, { tags }) => removesListenerLike(name, tags, conf as Modifications, "outbound"),
    },
    inbound: {
      decide: about("inbound"),
      cluster: (cluster, conf) => patchCluster(cluster, conf as Modifications, "inbound"),
      removesCluster: (name, conf) => removesClusterNamed(name, conf as Modifications, "inbound"),
      listener: (listener, conf) => patchListener(listener, conf as Modifications, "inbound"),
      removesListener: (name, conf, { tags }) => removesListenerLike(name, tags, conf as Modifications, "inbound"),
    },
    gateway: {
      decide: about("gateway"),
      listener: (listener, conf) => patchListener(listener, conf as Modifications, "gateway"),
      removesListener: (name, conf) => removesListenerLike(name, {}, conf as Modifications, "gateway"),
    },
    proxy: {
      decide: ({ subject, policies }) => decide(subject, policies),
      resources: (resources, conf) => (conf as Modifications).reduce(patchOwn, resources),
    },
  };
}

/** Clusters behind a builtin gateway are of its own origin; its routes, which come by RDS, are nobody's to patch. */
function behindGateway(decision: Decision<Modifications> | undefined): Decision<Modifications> | undefined {
  const conf = (onlyAbout(decision, "gateway")?.conf ?? []).filter(({ target }) => target === "cluster");
  return decision && conf.length > 0 ? { ...decision, conf: conf.map(withoutOrigin) } : undefined;
}

function withoutOrigin({ match: { origin: _, ...match }, ...modification }: PatchModification): PatchModification {
  return { ...modification, match };
}

/** Undefined where no modification can be about resources of this origin. */
function onlyAbout(decision: Decision<Modifications> | undefined, origin: string): Decision<Modifications> | undefined {
  const conf = (decision?.conf ?? []).filter(
    ({ target, operation, match }) =>
      (match.origin ?? origin) === origin && !(operation === "Add" && (target === "cluster" || target === "listener")),
  );
  return decision && conf.length > 0 ? { ...decision, conf } : undefined;
}

/** What the proxy has alone is patched by its own origin, and is where new clusters and listeners go. */
function patchOwn(resources: readonly OwnResource[], modification: PatchModification): readonly OwnResource[] {
  const { target, operation, value } = modification;
  if (operation === "Add" && value && (target === "cluster" || target === "listener")) {
    const origin = target === "cluster" ? "proxy-template-modifications" : "mesh-proxy-patch";
    const added: OwnResource = { typeUrl: typeUrls[target], origin, json: value as OwnResource["json"] };
    return [...resources.filter(({ typeUrl, json }) => typeUrl !== added.typeUrl || json.name !== added.json.name), added];
  }
  return resources.flatMap((resource): readonly OwnResource[] => {
    const { typeUrl, json, origin } = resource;
    if (typeUrl === typeUrls.cluster) {
      if (removesClusterNamed(json.name, [modification], origin)) return [];
      return [{ ...resource, json: patchCluster(json as unknown as Cluster, [modification], origin) }];
    }
    if (typeUrl !== typeUrls.listener) return [resource];
    if (removesListenerLike(json.name, {}, [modification], origin)) return [];
    return [{ ...resource, json: patchListener(json as unknown as Listener, [modification], origin) }];
  });
}
