import { type Labels, type MeshGatewaySpec, type Resource, type Tags, tagNames } from "@meridian/model";
import { selectForProxy } from "@meridian/policies";
import { commonTags, crossMeshListeners, crossMeshPortTag } from "@meridian/services";
import { portsOf } from "../gateway/ports.ts";
import { crossMeshName } from "./cross-mesh.ts";
import type { DataplaneFacts } from "./dataplane-facts.ts";
import type { LocalEndpoint } from "./local-endpoint.ts";
import { sortedTags } from "./tags.ts";

type MeshGateway = Resource<MeshGatewaySpec>;

/** By service, as the view calls it. */
export type CrossMeshEndpoints = ReadonlyMap<string, readonly LocalEndpoint[]>;

/** What became of a gateway. */
export interface CrossMeshChange {
  /** The Dataplane. */
  readonly name: string;
  readonly services: ReadonlySet<string>;
  readonly endpoints: CrossMeshEndpoints;
}

interface Served {
  readonly facts: DataplaneFacts;
  readonly endpoints: CrossMeshEndpoints;
}

const nobody: CrossMeshEndpoints = new Map();

/** The builtin gateways of one mesh in this zone, and what proxies of other meshes reach of them. */
export class CrossMeshGateways {
  readonly #mesh: string;
  readonly #gateways = new Map<string, Served>();

  constructor(mesh: string) {
    this.#mesh = mesh;
  }

  /** @param facts undefined: it is gone. @param resources the MeshGateways of the mesh */
  setDataplane(name: string, facts: DataplaneFacts | undefined, resources: readonly Resource[]): readonly CrossMeshChange[] {
    const before = this.#gateways.get(name)?.endpoints ?? nobody;
    const tags = facts?.builtinGateway;
    const endpoints = facts && tags ? endpointsOf(this.#mesh, facts, tags, resources as readonly MeshGateway[]) : nobody;
    if (facts && tags) this.#gateways.set(name, { facts, endpoints });
    else this.#gateways.delete(name);
    const services = new Set([...before.keys(), ...endpoints.keys()]);
    return services.size > 0 ? [{ name, services, endpoints }] : [];
  }

  /** A MeshGateway came, changed or went: each gateway of the mesh may run it. */
  setResources(resources: readonly Resource[]): readonly CrossMeshChange[] {
    return [...this.#gateways].flatMap(([name, { facts }]) => this.setDataplane(name, facts, resources));
  }
}

/** One for each port, with the tags of all its listeners: which of them a request is for, its host tells. */
function endpointsOf(mesh: string, facts: DataplaneFacts, tags: Tags, resources: readonly MeshGateway[]): CrossMeshEndpoints {
  const gateway = selectForProxy([tags], resources);
  const service = tags[tagNames.service];
  if (!gateway || !service) return nobody;
  const endpoints = portsOf(gateway, tags).flatMap(({ isCrossMesh, hosts, port }): readonly LocalEndpoint[] => {
    if (!isCrossMesh) return [];
    const own = { [tagNames.protocol]: "http", [tagNames.mesh]: mesh, [crossMeshPortTag]: String(port) };
    const at = { address: facts.reachedAt, port, section: String(port), healthy: true };
    return [{ ...at, tags: sortedTags({ ...commonTags(hosts.map((host) => host.tags)), ...own }), ...withLabels(facts.labels) }];
  });
  return endpoints.length > 0 ? new Map([[crossMeshName(service), endpoints]]) : nobody;
}

function withLabels(labels: Labels): { readonly labels?: Labels } {
  return Object.keys(labels).length > 0 ? { labels } : {};
}

/** Instances that names of its listeners lead to: other zones ask this zone's ingress for them. None for any other kind. */
export function crossMeshTagSets(resource: Resource): readonly Tags[] {
  return crossMeshListeners(resource).map(({ tags: { [tagNames.mesh]: _, ...tags } }) => ({
    ...{ ...tags, [tagNames.service]: crossMeshName(tags[tagNames.service] ?? "") },
  }));
}
