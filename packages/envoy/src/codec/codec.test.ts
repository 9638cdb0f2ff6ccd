import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage, knowsType } from "./codec.ts";
import { EncodeError, UnknownTypeError } from "./errors.ts";

const any = (type: string, fields: object): object => ({ "@type": `type.googleapis.com/${type}`, ...fields });

const listener = {
  name: "outbound:127.0.0.1:80",
  address: { socketAddress: { address: "127.0.0.1", portValue: 80 } },
  metadata: { filterMetadata: { "io.kuma.tags": { "kuma.io/service": "web", list: [1, "a", true, null, { b: {} }] } } },
  filterChains: [
    {
      filters: [
        {
          name: "envoy.filters.network.http_connection_manager",
          typedConfig: any("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
            statPrefix: "web",
            forwardClientCertDetails: "SANITIZE_SET",
            setCurrentClientCertDetails: { uri: true },
            streamIdleTimeout: "3600s",
            requestHeadersTimeout: "0.250s",
            httpFilters: [
              { name: "envoy.filters.http.router", typedConfig: any("envoy.extensions.filters.http.router.v3.Router", {}) },
            ],
            routeConfig: {
              name: "outbound:web",
              virtualHosts: [
                {
                  name: "web",
                  domains: ["*"],
                  routes: [
                    {
                      match: { prefix: "/" },
                      route: {
                        timeout: "15s",
                        weightedClusters: {
                          clusters: [
                            { name: "a", weight: 90 },
                            { name: "b", weight: 0 },
                          ],
                          totalWeight: 90,
                        },
                      },
                    },
                  ],
                },
              ],
              validateClusters: false,
            },
          }),
        },
      ],
    },
  ],
  bindToPort: false,
  trafficDirection: "OUTBOUND",
};

describe("encodeMessage and decodeMessage", () => {
  it("return what they were given, for a listener with nested Any, Struct, wrappers and durations", () => {
    const type = "envoy.config.listener.v3.Listener";
    expect(decodeMessage(type, encodeMessage(type, listener))).toEqual(listener);
  });

  it("accept proto field names and leave out null, undefined and zero values", () => {
    const type = "envoy.config.cluster.v3.Cluster";
    const bytes = encodeMessage(type, {
      name: "a",
      alt_stat_name: "b",
      connectTimeout: undefined,
      lbPolicy: "ROUND_ROBIN",
      edsClusterConfig: null,
    });
    expect(decodeMessage(type, bytes)).toEqual({ name: "a", altStatName: "b" });
  });

  it("keep a set zero of a oneof and of a wrapper", () => {
    const type = "envoy.config.core.v3.SocketAddress";
    expect(decodeMessage(type, encodeMessage(type, { address: "::", portValue: 0 }))).toEqual({ address: "::", portValue: 0 });
    const chain = "envoy.config.listener.v3.FilterChainMatch";
    expect(decodeMessage(chain, encodeMessage(chain, { destinationPort: 0 }))).toEqual({ destinationPort: 0 });
  });

  it("encode the same bytes whatever the order of keys", () => {
    const type = "envoy.config.endpoint.v3.ClusterLoadAssignment";
    const one = { clusterName: "c", namedEndpoints: { b: { hostname: "b" }, a: { hostname: "a" } } };
    const two = { namedEndpoints: { a: { hostname: "a" }, b: { hostname: "b" } }, clusterName: "c" };
    expect(Buffer.from(encodeMessage(type, one)).toString("hex")).toBe(Buffer.from(encodeMessage(type, two)).toString("hex"));
  });

  it("keep an Any of an unknown type as bytes", () => {
    const type = "envoy.config.core.v3.TypedExtensionConfig";
    const json = { name: "x", typedConfig: any("not.in.the.Tree", { value: "AQID" }) };
    expect(decodeMessage(type, encodeMessage(type, json))).toEqual(json);
  });

  it.each([
    ["an unknown field", { nme: "a" }, 'envoy.config.cluster.v3.Cluster has no field "nme"'],
    [
      "a bad enum name",
      { lbPolicy: "ROUNDROBIN" },
      /^lbPolicy: "ROUNDROBIN" is no envoy.config.cluster.v3.Cluster.LbPolicy; expected one of ROUND_ROBIN/,
    ],
    ["a bad duration", { connectTimeout: "5 s" }, /^connectTimeout: must be a duration/],
    ["a number for a string", { name: 5 }, "name: must be a string"],
    ["two members of a oneof", { type: "EDS", clusterType: { name: "x" } }, 'only one of "type" and "clusterType" may be set'],
    [
      "a typo deep inside an Any",
      {
        filters: [{ name: "f", typedConfig: any("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy", { statPrefx: "x" }) }],
      },
      /^filters\[0\]\.typedConfig: .*has no field "statPrefx"$/,
    ],
    [
      "an unknown type in an Any",
      { transportSocket: { typedConfig: any("envoy.Nope", { a: 1 }) } },
      'transportSocket.typedConfig: unknown type "envoy.Nope"',
    ],
    ["a negative uint32", { perConnectionBufferLimitBytes: -1 }, /^perConnectionBufferLimitBytes: must be an integer/],
  ])("refuse %s and name its path", (_, json, message) => {
    const encode = () => encodeMessage("envoy.config.cluster.v3.Cluster", json);
    expect(encode).toThrow(EncodeError);
    expect(encode).toThrow(message);
  });

  it("refuse an unknown type", () => {
    expect(() => encodeMessage("envoy.config.cluster.v3.Clutser", {})).toThrow(UnknownTypeError);
    expect(knowsType("envoy.config.cluster.v3.Cluster")).toBe(true);
    expect(knowsType("constructor")).toBe(false);
  });
});

describe("google.protobuf types", () => {
  const structType = "envoy.config.core.v3.Node";

  it("round-trip any JSON in a Struct", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (metadata) => {
        const expected = JSON.parse(JSON.stringify(metadata)) as unknown;
        const { metadata: decoded = {} } = decodeMessage(structType, encodeMessage(structType, { metadata: expected }));
        expect(JSON.parse(JSON.stringify(decoded))).toEqual(expected);
      }),
    );
  });

  it("round-trip 64-bit integers as text", () => {
    const type = "google.protobuf.UInt64Value";
    expect(() => encodeMessage(type, {})).toThrow(UnknownTypeError);
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (value) => {
        const holder = "envoy.extensions.filters.http.grpc_stats.v3.FilterObject";
        expect(decodeMessage(holder, encodeMessage(holder, { requestMessageCount: value.toString() }))).toEqual({
          requestMessageCount: value.toString(),
        });
      }),
    );
  });

  it("round-trip durations", () => {
    const type = "envoy.config.cluster.v3.Cluster";
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), fc.integer({ min: 1, max: 999 }), (seconds, milliseconds) => {
        const connectTimeout = `${seconds}.${String(milliseconds).padStart(3, "0")}s`;
        expect(decodeMessage(type, encodeMessage(type, { connectTimeout }))).toEqual({ connectTimeout });
      }),
    );
  });
});
