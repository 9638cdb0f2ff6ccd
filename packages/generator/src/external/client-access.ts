import type { Tags } from "@meridian/model";
import { type ClientPermission, clientPermission, type ProxySubject } from "@meridian/policies";
import type { GenerationContext } from "../parts.ts";
import { proxyIdentity } from "../sidecar/proxy-identity.ts";
import type { ExternalEndpoint } from "../view/external-service-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { asProtocol } from "../view/protocol.ts";

/**
 * The endpoints of an external service that a client may reach by itself. Permissions are checked here because the server knows
 * nothing of the mesh. Where no policy has a say, a mesh with mTLS is closed and one without is open, as at inbounds. (The peer looks
 * at TrafficPermissions alone, and closes meshes without mTLS, too: there, deleting a permission that nobody needs cuts traffic.)
 */
export function permittedEndpoints(
  { view }: GenerationContext,
  client: ProxySubject,
  service: string,
  endpoints: readonly ExternalEndpoint[],
): readonly ExternalEndpoint[] {
  const isOpen = view.mesh(client.mesh)?.mtls === undefined;
  return endpoints.filter((endpoint) => outsidePermission(view, { client, service, endpoint })?.isAllowed ?? isOpen);
}

export interface OutsideAccess {
  readonly client: ProxySubject;
  /** Of the endpoint. */
  readonly service: string;
  readonly endpoint: ExternalEndpoint;
}

/** Which permission decides about an external endpoint; undefined: none has a say. */
export function outsidePermission(view: MeshView, { client, service, endpoint }: OutsideAccess): ClientPermission | undefined {
  const { mesh, labels, tagSets } = client;
  const given = proxyIdentity(view, mesh, labels);
  const policiesOf = view.inboundPolicies(mesh, service);
  return clientPermission({
    ...serverSide(mesh, view.zone, endpoint),
    mesh,
    trafficPermissions: policiesOf("TrafficPermission"),
    meshTrafficPermissions: policiesOf("MeshTrafficPermission"),
    clientTagSets: tagSets,
    ...(given && { clientSpiffeId: given.spiffeId }),
  });
}

/** An external service as policies of servers see it. */
export function serverSide(
  mesh: string,
  zone: string,
  { name, tags, port }: { readonly name: string; readonly tags: Tags; readonly port: number },
) {
  return {
    subject: { mesh, name, zone, labels: {}, tagSets: [tags] },
    inbound: { section: String(port), tags, protocol: asProtocol(tags["kuma.io/protocol"]), port },
  };
}
