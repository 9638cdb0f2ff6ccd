import type { Protocol } from "./types.ts";

/** Protocols whose requests Envoy's HTTP connection manager can see and route. */
export function isHttpFamily(protocol: Protocol): boolean {
  return protocol === "http" || protocol === "http2" || protocol === "grpc";
}
