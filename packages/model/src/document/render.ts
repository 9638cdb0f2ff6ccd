import type { KindRegistry } from "../kind.ts";
import { labelNames } from "../labels.ts";
import { kri } from "../naming.ts";
import type { Resource, ResourceInput } from "../resource.ts";
import { apiVersion, defaultNamespace, secretTypes } from "./envelope.ts";

export type RenderFormat = "universal" | "kubernetes";
/** A resource before or after it was stored. */
export type Renderable = ResourceInput & Partial<Pick<Resource, "creationTime" | "modificationTime">>;

/**
 * The document of a resource as REST answers it, fields in the peer's order (reference: rest-api.md 3.1). The reverse of
 * `toResourceInput`.
 * @throws RangeError for a kind that the registry does not have: a store holds only kinds of the process.
 */
export function renderResource(
  resource: Renderable,
  registry: KindRegistry,
  format: RenderFormat = "universal",
): Readonly<Record<string, unknown>> {
  return format === "universal" ? renderUniversal(resource, registry) : renderKubernetes(resource, registry);
}

function renderUniversal(resource: Renderable, registry: KindRegistry): Readonly<Record<string, unknown>> {
  const definition = definitionOf(resource, registry);
  const name = kri(resource, registry);
  const envelope = {
    type: resource.kind,
    ...(definition.scope === "mesh" && { mesh: resource.mesh }),
    name: resource.name,
    ...timesOf(resource),
    ...(Object.keys(resource.labels).length > 0 && { labels: resource.labels }),
    ...(name !== undefined && { kri: name }),
  };
  if (definition.style === "legacy") return { ...envelope, ...(resource.spec as object) };
  return { ...envelope, spec: resource.spec, ...(resource.status !== undefined && { status: resource.status }) };
}

function timesOf(resource: Renderable) {
  return {
    ...(resource.creationTime !== undefined && { creationTime: trimFraction(resource.creationTime) }),
    ...(resource.modificationTime !== undefined && { modificationTime: trimFraction(resource.modificationTime) }),
  };
}

/** `2026-01-02T03:04:05.120Z` is written `2026-01-02T03:04:05.12Z`, as Go does. */
function trimFraction(time: string): string {
  return time.replace(/\.(\d*?)0*Z$/, (_, digits: string) => (digits === "" ? "Z" : `.${digits}Z`));
}

function renderKubernetes(resource: Renderable, registry: KindRegistry): Readonly<Record<string, unknown>> {
  const definition = definitionOf(resource, registry);
  const isMeshScoped = definition.scope === "mesh";
  const { [labelNames.namespace]: namespace, ...ownLabels } = resource.labels;
  const carriesMesh = isMeshScoped && (definition.style === "spec" || definition.category === "secret");
  const labels = carriesMesh ? { ...ownLabels, [labelNames.mesh]: resource.mesh } : ownLabels;
  const metadata = {
    name: resource.name,
    namespace: namespace ?? defaultNamespace,
    ...(resource.creationTime !== undefined && { creationTimestamp: trimFraction(resource.creationTime) }),
    ...(Object.keys(labels).length > 0 && { labels }),
  };
  if (resource.kind === "Secret" || resource.kind === "GlobalSecret") {
    const { data } = resource.spec as { readonly data?: string };
    const value = data === undefined ? {} : { value: data };
    return { kind: "Secret", apiVersion: "v1", metadata, type: secretTypes[resource.kind], data: value };
  }
  return {
    kind: resource.kind,
    apiVersion,
    ...(isMeshScoped && definition.style === "legacy" && { mesh: resource.mesh }),
    metadata,
    spec: resource.spec,
    ...(resource.status !== undefined && { status: resource.status }),
  };
}

function definitionOf(resource: Renderable, registry: KindRegistry) {
  const definition = registry.get(resource.kind);
  if (!definition) throw new RangeError(`no kind ${resource.kind} in this process`);
  return definition;
}
