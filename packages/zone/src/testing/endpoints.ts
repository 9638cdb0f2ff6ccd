import { decodeMessage, typeUrls } from "@meridian/envoy";
import type { TestProxy } from "./test-proxy.ts";

interface Assignment {
  readonly endpoints?: readonly {
    readonly lbEndpoints?: readonly {
      readonly endpoint: {
        readonly address: { readonly socketAddress: { readonly address: string; readonly portValue: number } };
      };
    }[];
  }[];
}

/** `address:port` of each endpoint that a proxy was given for a cluster, sorted. */
export function endpointsOf(proxy: TestProxy, cluster: string): readonly string[] {
  const encoded = proxy.get(typeUrls.endpoint, cluster);
  if (!encoded) return [];
  const { resource } = decodeMessage("envoy.service.discovery.v3.Resource", encoded.delta);
  const { endpoints = [] } = resource as unknown as Assignment;
  return endpoints
    .flatMap(({ lbEndpoints = [] }) => lbEndpoints)
    .map(({ endpoint: { address } }) => `${address.socketAddress.address}:${address.socketAddress.portValue}`)
    .sort();
}
