import { createHash } from "node:crypto";
import { pipeAddress, typed } from "./basics.ts";
import { filterChain } from "./listeners.ts";
import type { Listener } from "./types.ts";

export const dynamicConfigName = "_kuma:dynamicconfig";

export interface DynamicConfigOptions {
  /** Of the socket. */
  readonly path: string;
  /** What is served, by path. At least one. */
  readonly bodies: Readonly<Record<string, string>>;
}

/**
 * Settings for the program beside Envoy, which fetches them over a socket: Envoy answers by itself, `304` to whoever has the newest
 * already (dataplane-protocol.md section 9, policies-envoy.md 0.9).
 */
export function dynamicConfigListener({ path, bodies }: DynamicConfigOptions): Listener {
  const sorted = Object.entries(bodies).sort(([a], [b]) => (a < b ? -1 : 1));
  const largestBytes = Math.max(...sorted.map(([, body]) => Buffer.byteLength(body)));
  const manager = typed("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
    statPrefix: dynamicConfigName.replaceAll(":", "_"),
    routeConfig: {
      name: dynamicConfigName,
      virtualHosts: [{ name: dynamicConfigName, domains: ["*"], routes: sorted.flatMap(([path, body]) => answers(path, body)) }],
      maxDirectResponseBodySizeBytes: largestBytes,
      validateClusters: false,
    },
    httpFilters: [{ name: "envoy.filters.http.router", typedConfig: typed("envoy.extensions.filters.http.router.v3.Router") }],
    internalAddressConfig: { cidrRanges: [{ addressPrefix: "127.0.0.1", prefixLen: 32 }] },
  });
  return {
    name: dynamicConfigName,
    address: pipeAddress(path),
    filterChains: [filterChain({ filters: [{ name: "envoy.filters.network.http_connection_manager", typedConfig: manager }] })],
  };
}

function answers(path: string, body: string): readonly object[] {
  const etag = createHash("sha256").update(body).digest("hex");
  const isKnown = { name: "if-none-match", stringMatch: { exact: etag } };
  return [
    { match: { path, headers: [isKnown] }, directResponse: { status: 304 } },
    {
      match: { path },
      directResponse: { status: 200, body: { inlineString: body } },
      responseHeadersToAdd: [{ header: { key: "Etag", value: etag } }],
    },
  ];
}
