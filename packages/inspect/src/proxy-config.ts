import { decodeMessage, type EncodedResource } from "@meridian/envoy";
import { createMeshView, generate, type MeshView, type ProxyDescription } from "@meridian/generator";
import { labelNames, type Resource } from "@meridian/model";
import { jsonPatch, type PatchStep } from "./json-patch.ts";

/** What the configs of a zone's proxies are made from. */
export type ZoneView = MeshView;

export interface ZoneViewOptions {
  readonly zone: string;
  /** What the zone sees: the mesh, its resources, and zone ingresses. */
  readonly resources: readonly Resource[];
}

/** Made from scratch: costs a look at every resource. */
export function zoneView(options: ZoneViewOptions): ZoneView {
  return createMeshView(options);
}

/** As if shadow policies (`kuma.io/effect: shadow`) acted; undefined where there are none. */
export function shadowView({ zone, resources }: ZoneViewOptions): ZoneView | undefined {
  return resources.some(isShadow) ? createMeshView({ zone, resources: resources.map(acting) }) : undefined;
}

export interface ProxyConfigOptions {
  readonly proxy: ProxyDescription;
  /** In force. */
  readonly view: ZoneView;
  /** What to show the config of, where it is another. */
  readonly shadow?: ZoneView | undefined;
  /** With the patch that leads from the config in force to the one that is shown. */
  readonly withDiff: boolean;
}

export interface ProxyConfigAnswer {
  /** By type URL and name, in proto JSON. */
  readonly xds: ShownConfig;
  readonly diff?: readonly PatchStep[];
}

type ShownConfig = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * `GET /meshes/{mesh}/dataplanes/{name}/_config`: what the proxy should hold, made by the generator, secrets left out (reference:
 * rest-api.md section 4). Costs the config of one proxy.
 */
export function proxyConfig({ proxy, view, shadow, withDiff }: ProxyConfigOptions): ProxyConfigAnswer {
  const xds = shown(proxy, shadow ?? view);
  if (!withDiff) return { xds };
  return { xds, diff: shadow ? jsonPatch(shown(proxy, view), xds) : [] };
}

function shown(proxy: ProxyDescription, view: ZoneView): ShownConfig {
  const config = generate(proxy, view);
  return Object.fromEntries(
    [...config.resources].map(([typeUrl, byName]) => [
      typeUrl,
      Object.fromEntries([...byName].map(([name, resource]) => [name, messageOf(resource)])),
    ]),
  );
}

/** Without `@type`: the type is known from where the message stands. */
function messageOf({ delta }: EncodedResource): object {
  const { resource = {} } = decodeMessage("envoy.service.discovery.v3.Resource", delta);
  const { "@type": _type, ...message } = resource as Readonly<Record<string, unknown>>;
  return message;
}

function isShadow({ labels }: Resource): boolean {
  return labels[labelNames.effect] === "shadow";
}

function acting(resource: Resource): Resource {
  if (!isShadow(resource)) return resource;
  const { [labelNames.effect]: _effect, ...labels } = resource.labels;
  return { ...resource, labels };
}
