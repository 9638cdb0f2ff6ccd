import {
  compareText,
  type DataplaneSpec,
  type HostnameGeneratorSpec,
  labelNames,
  type MeshServiceSpec,
  type Resource,
} from "@meridian/model";
import { contributionTo, readGenerator, renderHostnames, type ServiceStatus, unknownProxy } from "@meridian/services";

/** `GET /meshes/{mesh}/meshservices/{name}/_dataplanes`: whether a data plane is behind the service, of the service's own zone. */
export function meshServiceMatcher(service: Resource<MeshServiceSpec>): (dataplane: Resource<DataplaneSpec>) => boolean {
  const { selector = {} } = service.spec;
  const zone = service.labels[labelNames.zone];
  return ({ name, labels, spec }) => {
    if (zone !== undefined && labels[labelNames.zone] !== undefined && labels[labelNames.zone] !== zone) return false;
    return (
      contributionTo(selector, { name: labels[labelNames.displayName] ?? name, labels, spec, state: unknownProxy }) !== undefined
    );
  };
}

export interface HostnameSources {
  readonly generators: readonly Resource<HostnameGeneratorSpec>[];
  /** Zones that the control plane knows of: on a zone, itself. */
  readonly zones: readonly string[];
}

/**
 * `GET /meshes/{mesh}/{services}/{name}/_hostnames`: the names of a service and the zones that resolve them (reference: rest-api.md
 * section 4). They are those of its status; where no zone has written them there yet, those that the generators give it. What a
 * zone's own generator says is known in that zone only.
 */
export function serviceHostnames(service: Resource, { generators, zones }: HostnameSources): object {
  const zoneOf = new Map(generators.map(({ name, labels }) => [name, labels[labelNames.zone]]));
  const known = new Map<string, Set<string>>();
  for (const { hostname, generator } of namesOf(service, generators)) {
    const own = zoneOf.get(generator);
    const inZones = own === undefined ? zones : [own];
    known.set(hostname, new Set([...(known.get(hostname) ?? []), ...inZones]));
  }
  const items = [...known].sort(([a], [b]) => compareText(a, b));
  return {
    total: items.length,
    items: items.map(([hostname, inZones]) => ({ hostname, zones: [...inZones].sort(compareText).map((name) => ({ name })) })),
  };
}

interface Name {
  readonly hostname: string;
  readonly generator: string;
}

function namesOf(service: Resource, generators: readonly Resource<HostnameGeneratorSpec>[]): readonly Name[] {
  const { addresses = [] } = (service.status ?? {}) as ServiceStatus;
  if (addresses.length > 0) {
    return addresses.map(({ hostname, hostnameGeneratorRef }) => ({ hostname, generator: hostnameGeneratorRef.coreName }));
  }
  return renderHostnames(generators.map(readGenerator), service).flatMap(({ generator, result }) =>
    "ok" in result ? [{ hostname: result.ok, generator }] : [],
  );
}
