import {
  type FilterChain,
  filterChain,
  serverNameMatch,
  tagSni,
  tcpProxyFilter,
  typeUrls,
  zoneCluster,
  zoneClusterName,
} from "@meridian/envoy";
import { type Tags, tagNames } from "@meridian/model";
import { having, notesOf, type OutboundEffect, type OutboundSubject, originsOf, shapeCluster } from "@meridian/policies";
import { baseTimeouts, withCircuitBreakers } from "../base-config.ts";
import type { EndpointsRef, GenerationContext, Part, PartResources } from "../parts.ts";
import { realSni } from "../sidecar/real-destination.ts";
import { askedTags } from "../view/cross-mesh.ts";
import type { LocalService, MeshView } from "../view/mesh-view.ts";
import { withoutService } from "../view/tags.ts";
import { egressEffects } from "./egress-effects.ts";
import type { MeshedPort } from "./served.ts";

/** To other zones: the whole service, and each subset that a route asks for, as at the ingress that it leads to. */
export function passingChains(view: MeshView, { mesh, service }: LocalService): readonly FilterChain[] {
  const cluster = zoneClusterName(mesh, service);
  const plain: Tags = { [tagNames.service]: service };
  return [plain, ...view.destinationTagSets(mesh, service)].map((tags) =>
    passing(tagSni(askedTags(mesh, tags), mesh), cluster, withoutService(tags)),
  );
}

export function passingPortChain({ mesh, ...found }: MeshedPort): FilterChain {
  return passing(realSni(mesh, found), found.port.clusterName, {});
}

function passing(serverName: string, cluster: string, subset: Tags): FilterChain {
  const filters = [tcpProxyFilter({ statPrefix: cluster, clusters: [{ cluster, weight: 1 }], subset })];
  return filterChain({ match: serverNameMatch(serverName), filters });
}

export function passingPart({ mesh, service }: LocalService): Part {
  const name = zoneClusterName(mesh, service);
  const tags = askedTags(mesh, { [tagNames.service]: service });
  return {
    key: `zone egress ${name}`,
    name: `zone egress, service ${service} of mesh ${mesh}`,
    generate(context) {
      const { view } = context;
      const outbound: OutboundSubject = { tags, service, protocol: view.protocol(mesh, service) ?? "unknown" };
      const subsetKeys = view.destinationTagSets(mesh, service).map((subset) => Object.keys(withoutService(subset)));
      const effects = egressEffects(context, mesh, outbound);
      const target = { mesh, zone: view.zone, ...outbound };
      const arranging = having(effects, "endpoints");
      const endpoints: EndpointsRef = {
        ...{ name, mesh, service, tags, seenFrom: "egress" as const },
        ...(arranging.length > 0 && { shape: { effects: arranging, target } }),
      };
      const cluster = shapeCluster(passingCluster(name, subsetKeys), effects, target);
      return passingResources(context, { cluster, endpoints, effects });
    },
  };
}

/** The client knows the zones of a real service and has chosen, as far as there was a choice. */
export function passingPortPart({ mesh, service, port }: MeshedPort): Part {
  const name = port.clusterName;
  return {
    key: `zone egress ${name}`,
    name: `zone egress, port ${port.section} of ${service.kind} ${service.name} of mesh ${mesh}`,
    generate: (context) => {
      const backend = { kind: service.kind, name: service.name, port: port.port };
      const tags = { [tagNames.service]: name };
      const endpoints: EndpointsRef = { name, mesh, service: name, tags, backend, seenFrom: "egress" };
      return passingResources(context, { cluster: passingCluster(name, []), endpoints, effects: [] });
    },
  };
}

function passingCluster(name: string, subsetKeys: readonly (readonly string[])[]) {
  return withCircuitBreakers(zoneCluster({ name, connectTimeoutMs: baseTimeouts.connectTimeoutMs, subsetKeys }));
}

interface Passing {
  readonly cluster: ReturnType<typeof passingCluster>;
  readonly endpoints: EndpointsRef;
  readonly effects: readonly OutboundEffect[];
}

function passingResources({ encoder }: GenerationContext, { cluster, endpoints, effects }: Passing): PartResources {
  const notes = notesOf(effects);
  return {
    resources: [encoder.encode(typeUrls.cluster, cluster, originsOf(having(effects, "cluster")))],
    endpoints: [endpoints],
    ...(notes.length > 0 && { notes }),
  };
}
