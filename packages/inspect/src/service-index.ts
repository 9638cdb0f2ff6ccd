import { type DataplaneOutbound, labelNames, type Resource } from "@meridian/model";
import { destinationsOf, isReferred, serviceKinds } from "@meridian/services";
import type { MeshInventory } from "./inventory.ts";

type BackendRef = NonNullable<DataplaneOutbound["backendRef"]>;

/** Finds the services of a mesh that references name, without a look at each. */
export interface ServiceIndex {
  readonly all: readonly Resource[];
  /** The service and the section of its port; undefined when there is none. */
  readonly resolve: (
    ref: BackendRef,
  ) => { readonly resource: Resource; readonly section: string; readonly protocol: string } | undefined;
}

export function serviceIndex(inventory: MeshInventory): ServiceIndex {
  const all = serviceResources(inventory);
  const byName = new Map<string, Resource[]>();
  for (const resource of all) {
    const names = new Set([resource.name, resource.labels[labelNames.displayName] ?? resource.name]);
    for (const name of names) {
      const named = byName.get(name);
      if (named) named.push(resource);
      else byName.set(name, [resource]);
    }
  }
  return {
    all,
    resolve(ref) {
      const candidates = ref.name ? (byName.get(ref.name) ?? []) : all;
      for (const resource of candidates) {
        const port = portsOf(resource).find((each) => each.port === ref.port || ref.port === undefined);
        if (port && isReferred(withoutUndefined(ref), resource, port.port)) return { resource, ...port };
      }
      return undefined;
    },
  };
}

/** As `destinationsOf`, but also before the service has an address. */
export function portsOf(
  resource: Resource,
): readonly { readonly port: number; readonly section: string; readonly protocol: string }[] {
  return destinationsOf({ ...resource, status: { vips: [{ ip: "0.0.0.0" }] } }).map(({ port, section, protocol }) => ({
    port,
    section,
    protocol,
  }));
}

function withoutUndefined({ kind, name, port, labels }: BackendRef) {
  return { kind, ...(name !== undefined && { name }), ...(port !== undefined && { port }), ...(labels && { labels }) };
}

/** Everything that can be a destination by its own right. */
export function serviceResources(inventory: MeshInventory): readonly Resource[] {
  return serviceKinds.flatMap((kind) => inventory.list(kind));
}
