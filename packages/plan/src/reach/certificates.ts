import { type ClientIdentity, clientIdentity } from "@meridian/explain";
import { type MeshView, proxyIdentity } from "@meridian/generator";

type Dataplane = Pick<NonNullable<ReturnType<MeshView["dataplane"]>>, "labels" | "tagSets">;

/** What a data plane shows to others: the id that a MeshIdentity gives it, else what the mesh's CA says; without either nothing. */
export function certificateOf(view: MeshView, mesh: string, { labels, tagSets }: Dataplane): ClientIdentity {
  const given = proxyIdentity(view, mesh, labels);
  if (given) return { uris: [given.spiffeId] };
  return view.mesh(mesh)?.mtls ? clientIdentity(mesh, tagSets) : { uris: [] };
}

/** Whether a data plane asks those who come for a certificate: it does where it has one itself. */
export function asksForCertificates(view: MeshView, mesh: string, { labels }: Pick<Dataplane, "labels">): boolean {
  return view.mesh(mesh)?.mtls !== undefined || proxyIdentity(view, mesh, labels) !== undefined;
}
