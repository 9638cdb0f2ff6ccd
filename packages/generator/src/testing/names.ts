import type { DataplaneSpec, ExternalServiceSpec, Resource, VirtualOutboundSpec } from "@meridian/model";
import { defaultNameSettings, NameClaims, nameResource, servingInbounds } from "@meridian/services";
import { resource } from "./resources.ts";

/** The host names that a zone makes of these resources of one mesh, with addresses in alphabetical order. */
export function namesOf(resources: readonly Resource[]): readonly Resource[] {
  const hosts = new Set<string>();
  const claims = new NameClaims(defaultNameSettings, (host) => hosts.add(host));
  for (const { kind, name, spec, ...rest } of resources) {
    if (kind === "Dataplane") {
      claims.setSource(
        name,
        servingInbounds(spec as DataplaneSpec).map(({ tags }) => tags),
      );
    } else if (kind === "ExternalService") claims.setExternal(name, spec as ExternalServiceSpec);
    else if (kind === "VirtualOutbound") {
      claims.setVirtualOutbound(name, { ...rest, kind, name, spec } as Resource<VirtualOutboundSpec>);
    }
  }
  return [...hosts].sort().flatMap((host, index) => {
    const entry = claims.entryOf(host);
    if (!entry) return [];
    const { kind, mesh, name, spec } = nameResource("default", { ...entry, ip: `240.0.0.${index + 1}` });
    return [resource(kind, mesh, name, spec)];
  });
}
