import { decodeMessage, type EncodedResource } from "@meridian/envoy";
import { createMeshView, generate, type ProxyDescription } from "@meridian/generator";
import { labelNames, type Resource } from "@meridian/model";
import { jsonPatch, type PatchStep } from "./json-patch.ts";

export interface ProxyConfigOptions {
  readonly zone: string;
  /** What the zone sees: the mesh, its resources, and zone ingresses. */
  readonly resources: readonly Resource[];
  readonly proxy: ProxyDescription;
  /** As if shadow policies (`kuma.io/effect: shadow`) acted. */
  readonly isShadow: boolean;
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
 * `GET /meshes/{mesh}/dataplanes/{name}/_config`: what the proxy should hold, made from scratch by the generator, secrets left out
 * (reference: rest-api.md section 4). Costs a look at every resource: for people, not for loops.
 */
export function proxyConfig(options: ProxyConfigOptions): ProxyConfigAnswer {
  const { isShadow, withDiff, resources } = options;
  const xds = shown(options, isShadow ? resources.map(acting) : resources);
  if (!withDiff) return { xds };
  return { xds, diff: isShadow ? jsonPatch(shown(options, resources), xds) : [] };
}

function shown({ zone, proxy }: ProxyConfigOptions, resources: readonly Resource[]): ShownConfig {
  const config = generate(proxy, createMeshView({ zone, resources }));
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

function acting(resource: Resource): Resource {
  if (resource.labels[labelNames.effect] !== "shadow") return resource;
  const { [labelNames.effect]: _effect, ...labels } = resource.labels;
  return { ...resource, labels };
}
