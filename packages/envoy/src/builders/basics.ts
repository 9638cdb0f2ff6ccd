import { formatDuration } from "../codec/time.ts";
import type { Address, Duration, TypedConfig } from "./types.ts";

/** @throws RangeError on a negative or infinite time: Envoy refuses it. */
export function durationFromMs(milliseconds: number): Duration {
  if (!(milliseconds >= 0) || !Number.isFinite(milliseconds)) throw new RangeError(`duration must be >= 0, not ${milliseconds}`);
  const seconds = Math.floor(milliseconds / 1000);
  return formatDuration({ seconds, nanos: Math.round((milliseconds - seconds * 1000) * 1e6) }) as Duration;
}

/** A google.protobuf.Any in JSON. @param typeName `envoy.extensions.filters.http.router.v3.Router` */
export function typed(typeName: string, fields: object = {}): TypedConfig {
  return { "@type": `type.googleapis.com/${typeName}`, ...fields };
}

/** "Ask the stream this config came from" (config_source.proto, `ads`). */
export const adsConfigSource = { ads: {}, resourceApiVersion: "V3" } as const;

/** "Ask this cluster", which speaks gRPC (config_source.proto, `api_config_source`). */
export function grpcConfigSource(clusterName: string): object {
  const apiConfigSource = {
    apiType: "GRPC",
    transportApiVersion: "V3",
    grpcServices: [{ envoyGrpc: { clusterName } }],
  };
  return { apiConfigSource, resourceApiVersion: "V3" };
}

export function socketAddress(address: string, port: number): Address {
  return { socketAddress: { address, portValue: port } };
}

/** @param mode Unix permissions of the socket, e.g. 0o600. */
export function pipeAddress(path: string, mode?: number): Address {
  return { pipe: { path, ...(mode !== undefined && { mode }) } };
}

export function isIpv6(address: string): boolean {
  return address.includes(":");
}
