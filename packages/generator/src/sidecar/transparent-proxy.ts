import {
  type Cluster,
  filterChain,
  type Listener,
  passthroughCluster,
  socketAddress,
  tcpProxyFilter,
  transparentSourceAddress,
  typeUrls,
} from "@meridian/envoy";
import type { OwnResource } from "@meridian/policies";
import type { MeshFacts } from "../view/mesh-facts.ts";
import type { TransparentProxyFacts } from "../view/transparent-proxy.ts";

const origin = "transparent";
const anyAddress = { ipv4: "0.0.0.0", ipv6: "::" } as const;
type Family = keyof typeof anyAddress;

/**
 * Listeners to which the host's firewall hands connections. Envoy passes each on to the listener of its original destination, and
 * deals here with those that have none: out to where they were going, in to the workload (reference: policies-envoy.md 0.8).
 */
export function transparentProxyResources(
  { inboundPort, outboundPort, ipv6 }: TransparentProxyFacts,
  mesh: MeshFacts,
  /** What came for no inbound goes on to the workload. */
  passesIn: boolean,
): readonly OwnResource[] {
  const families: readonly Family[] = ipv6 ? ["ipv4", "ipv6"] : ["ipv4"];
  const passesOut = mesh.settings.networking?.outbound?.passthrough !== false;
  return families.flatMap((family) => [
    listener(`outbound:passthrough:${family}`, { family, port: outboundPort, direction: "OUTBOUND" }),
    // Without the cluster connections to unknown destinations fail, as the mesh wants it.
    ...(passesOut ? [cluster(`outbound:passthrough:${family}`)] : []),
    ...(inboundPort === undefined
      ? []
      : [
          listener(`inbound:passthrough:${family}`, { family, port: inboundPort, direction: "INBOUND" }),
          ...(passesIn ? [cluster(`inbound:passthrough:${family}`, transparentSourceAddress(anyAddress[family]))] : []),
        ]),
  ]);
}

function listener(
  name: string,
  { family, port, direction }: { readonly family: Family; readonly port: number; readonly direction: "INBOUND" | "OUTBOUND" },
): OwnResource {
  const filters = [tcpProxyFilter({ statPrefix: name, clusters: [{ cluster: name, weight: 1 }] })];
  const json: Listener = {
    name,
    address: socketAddress(anyAddress[family], port),
    trafficDirection: direction,
    useOriginalDst: true,
    filterChains: [filterChain({ filters })],
  };
  return { typeUrl: typeUrls.listener, origin, json };
}

function cluster(name: string, sourceAddress?: string): OwnResource {
  const json: Cluster = passthroughCluster({ name, ...(sourceAddress !== undefined && { sourceAddress }) });
  return { typeUrl: typeUrls.cluster, origin, json };
}
