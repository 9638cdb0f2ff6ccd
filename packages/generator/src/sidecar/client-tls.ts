import { trustDomainPrefix, type UpstreamTlsOptions } from "@meridian/envoy";
import { compareText, labelNames, type MeshServiceSpec, tagNames } from "@meridian/model";
import type { RouteDestination } from "@meridian/policies";
import { soleServiceOf } from "@meridian/services";
import { egressIds } from "../egress/egress-identity.ts";
import { joinedServices } from "../view/joined-services.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { type ServiceFacts, selectorOf, traitText } from "../view/service-facts.ts";
import { realPort } from "./destination-subject.ts";
import { proxyTls, type ShownIdentity } from "./proxy-tls.ts";

/** How a client asks for a destination, knows it, and shows itself. */
export interface ClientTls extends Omit<UpstreamTlsOptions, "mesh" | "serverMesh"> {
  /** See `ProxyTls.shared`. */
  readonly shared: readonly string[];
}

export interface ClientTlsOptions {
  readonly mesh: string;
  readonly to: RouteDestination;
  /** Of the mesh: the zone's egress answers for it. */
  readonly isOutside: boolean;
  /** What the client shows; absent: a certificate of the mesh's CA. */
  readonly shown?: ShownIdentity;
}

/**
 * Undefined: plain text, since the client or all servers have no identity.
 * @param server how the destination is asked for, and who answers by the mesh's CA.
 */
export function clientTls(
  view: MeshView,
  { mesh, to, isOutside, shown }: ClientTlsOptions,
  server: () => Pick<UpstreamTlsOptions, "sni" | "serverIds">,
): ClientTls | undefined {
  const facts = view.mesh(mesh);
  const own = facts && proxyTls(view, facts, shown);
  if (!own) return undefined;
  const mayBeGiven = shown !== undefined || view.trust(mesh).domains.length > 0;
  const given = mayBeGiven ? (isOutside ? egressIds(view, mesh) : givenIds(serversOf(view, mesh, to))) : [];
  // The mesh's own CA gives an identity to everybody; without it, servers that MeshIdentities select have one.
  if (!facts.mtls && given.length === 0) return undefined;
  const { secrets, peerPrefixes, shared } = own;
  const serverPrefixes = peerPrefixes.length > 0 ? peerPrefixes : [trustDomainPrefix(domainOf(secrets.certificate))];
  const { serverIds, ...names } = server();
  const ids = serverIds.length > 0 ? [...new Set([...serverIds, ...given])].sort(compareText) : [];
  return { ...names, serverIds: ids, serverPrefixes, secrets, shared };
}

/** Whether MeshIdentities give servers of a destination their ids: without a CA of the mesh only these are reached by mTLS. */
export function hasGivenIds(view: MeshView, mesh: string, to: RouteDestination): boolean {
  return givenIds(serversOf(view, mesh, to)).length > 0;
}

/** The MeshServices behind a destination: those of a `kuma.io/service` carry its name, in every zone. */
function serversOf(view: MeshView, mesh: string, { tags, backend }: RouteDestination): readonly ServiceFacts[] {
  const found = backend && realPort(view, mesh, backend);
  if (found) return found.service.kind === "MeshMultiZoneService" ? joinedServices(view, mesh, found.service) : [found.service];
  const name = tags[tagNames.service] ?? "";
  const named = view.servicesHaving(mesh, "MeshService", traitText(labelNames.displayName, name));
  return named.filter((service) => soleServiceOf(selectorOf(service)) === name);
}

/** SPIFFE ids that MeshIdentities give servers, as their zones say. */
function givenIds(servers: readonly ServiceFacts[]): readonly string[] {
  return servers.flatMap(({ resource }) => {
    const { identities = [] } = resource.spec as MeshServiceSpec;
    return identities.flatMap(({ type, value }) => (type === "SpiffeID" ? [value] : []));
  });
}

/** The trust domain of a SPIFFE id. */
function domainOf(spiffeId: string): string {
  return spiffeId.split("/")[2] ?? "";
}
