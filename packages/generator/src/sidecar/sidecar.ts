import type { ProxySubject } from "@meridian/policies";
import type { GenerationContext, OwnConfig } from "../parts.ts";
import { nothing } from "../parts.ts";
import type { ProxyDescription } from "../types.ts";
import { identityNeed } from "./identity.ts";
import { inboundListenerResource } from "./inbound.ts";
import { localCluster } from "./local-cluster.ts";

/** What a sidecar has for itself: its inbounds and identity. A proxy without a mesh gets nothing: not even plaintext listeners. */
export function sidecarConfig(context: GenerationContext, proxy: ProxyDescription): OwnConfig {
  const { view } = context;
  const mesh = view.mesh(proxy.mesh);
  const dataplane = view.dataplane(proxy.mesh, proxy.name);
  if (!mesh || !dataplane) return nothing;
  const { name, labels, tagSets } = dataplane;
  const subject: ProxySubject = { mesh: mesh.name, name, zone: view.zone, labels, tagSets };
  const ipv6Enabled = proxy.ipv6Enabled !== false;
  const reusePort = proxy.features.has("feature-reuse-port");
  return {
    resources: dataplane.inbounds.flatMap((inbound) => [
      inboundListenerResource(context, { mesh, subject, inbound, ipv6Enabled, reusePort }),
      localCluster(context, inbound),
    ]),
    ...(mesh.mtls && { identity: identityNeed(mesh.name, mesh.mtls.backend, tagSets) }),
  };
}
