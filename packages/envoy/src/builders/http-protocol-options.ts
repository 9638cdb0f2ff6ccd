import { durationFromMs, typed } from "./basics.ts";

const typeName = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

export interface HttpProtocolOptions {
  readonly version: "http1" | "http2";
  /** Milliseconds until an unused connection closes; 0 keeps it for ever; absent: Envoy's default, 1 h. */
  readonly idleTimeoutMs?: number;
  /** What requests pass on their way to a server of the cluster. */
  readonly httpFilters?: readonly object[];
}

/** The last of them, where there are any (http_protocol_options.proto, `http_filters`). */
const codecFilter = {
  name: "envoy.filters.http.upstream_codec",
  typedConfig: typed("envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec"),
};

/** `typedExtensionProtocolOptions` of a cluster that speaks one HTTP version (http_protocol_options.proto). */
export function httpProtocolOptions({
  version,
  idleTimeoutMs,
  httpFilters = [],
}: HttpProtocolOptions): Readonly<Record<string, unknown>> {
  return {
    [typeName]: typed(typeName, {
      ...(idleTimeoutMs !== undefined && { commonHttpProtocolOptions: { idleTimeout: durationFromMs(idleTimeoutMs) } }),
      explicitHttpConfig: version === "http2" ? { http2ProtocolOptions: {} } : { httpProtocolOptions: {} },
      ...(httpFilters.length > 0 && { httpFilters: [...httpFilters, codecFilter] }),
    }),
  };
}
