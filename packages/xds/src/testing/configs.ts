import type { EncodedResource, ProxyPatch, ProxyResources, ResourceName, TypeUrl } from "@meridian/envoy";
import { typeUrls } from "@meridian/envoy";

/** One service that a simulated proxy calls. Versions are content: another number is another resource. */
export interface ServiceConfig {
  readonly name: string;
  readonly cluster: number;
  readonly endpoints: number;
  readonly listener: number;
  /** Sends through a route resource instead of naming the cluster in the listener. */
  readonly route?: number;
  readonly secret?: number;
  /** The simulated proxy refuses the cluster (or listener). */
  readonly badCluster?: boolean;
  readonly badListener?: boolean;
}

/** What a simulated resource says, as JSON in place of protobuf. */
export interface Content {
  readonly clusters?: readonly string[];
  readonly routes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly bad?: boolean;
  readonly version: number;
}

export function fakeResource(typeUrl: TypeUrl, name: string, content: Content): EncodedResource {
  const text = JSON.stringify(content);
  // `clusters` as protobuf writes strings: length, then bytes.
  const strings = [...(content.clusters ?? []), ...(content.routes ?? [])]
    .map((cluster) => String.fromCharCode(cluster.length) + cluster)
    .join("");
  const any = Buffer.from(`${text}\u0000${strings}`);
  return { typeUrl, name, version: text, any, delta: any, origins: [`Test/default/${name}`] };
}

export function contentOf(resource: { readonly any?: Uint8Array }): Content {
  const text = Buffer.from(resource.any ?? []).toString();
  return JSON.parse(text.slice(0, text.indexOf("\u0000"))) as Content;
}

export function resourcesOf(services: readonly ServiceConfig[]): ProxyResources {
  const resources = new Map(Object.values(typeUrls).map((typeUrl) => [typeUrl, new Map<string, EncodedResource>()]));
  const add = (typeUrl: TypeUrl, name: string, content: Content): void => {
    resources.get(typeUrl)?.set(name, fakeResource(typeUrl, name, content));
  };
  for (const service of services) {
    const { name } = service;
    const secrets = service.secret === undefined ? [] : [`${name}-secret`];
    add(typeUrls.cluster, name, { version: service.cluster, secrets, bad: service.badCluster === true });
    add(typeUrls.endpoint, name, { version: service.endpoints });
    if (service.secret !== undefined) add(typeUrls.secret, `${name}-secret`, { version: service.secret });
    const clusters = service.route === undefined ? [name] : [];
    const routes = service.route === undefined ? [] : [`${name}-route`];
    add(typeUrls.listener, `${name}-listener`, {
      version: service.listener,
      clusters,
      routes,
      bad: service.badListener === true,
    });
    if (service.route !== undefined) add(typeUrls.route, `${name}-route`, { version: service.route, clusters: [name] });
  }
  return resources;
}

export function patchBetween(before: ProxyResources, after: ProxyResources): ProxyPatch {
  const changed: EncodedResource[] = [];
  const removed: ResourceName[] = [];
  for (const [typeUrl, resources] of after) {
    for (const [name, resource] of resources) {
      if (before.get(typeUrl)?.get(name)?.version !== resource.version) changed.push(resource);
    }
  }
  for (const [typeUrl, resources] of before) {
    for (const name of resources.keys()) if (!after.get(typeUrl)?.has(name)) removed.push({ typeUrl, name });
  }
  return { changed, removed };
}
