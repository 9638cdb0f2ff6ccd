import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "./codec.ts";
import type { MessageDefinition } from "./definitions.ts";
import { ProtoTree, shippedProtoRoots } from "./proto-tree.ts";
import { TypeRegistry } from "./registry.ts";

describe("the shipped proto tree", () => {
  it("keeps each file in the folder of its package, which is how types are found", () => {
    for (const root of shippedProtoRoots()) {
      for (const file of readdirSync(root, { recursive: true, encoding: "utf8" })) {
        if (!file.endsWith(".proto")) continue;
        const declared = /^package ([\w.]+);/m.exec(readFileSync(join(root, file), "utf8"))?.[1];
        expect(declared, file).toBe(
          relative(root, dirname(join(root, file)))
            .split(sep)
            .join("."),
        );
      }
    }
  });

  /** Every type that a proxy's config may need, with everything that it refers to. */
  const needed = [
    "envoy.config.listener.v3.Listener",
    "envoy.config.route.v3.RouteConfiguration",
    "envoy.config.cluster.v3.Cluster",
    "envoy.config.endpoint.v3.ClusterLoadAssignment",
    "envoy.config.bootstrap.v3.Bootstrap",
    "envoy.extensions.transport_sockets.tls.v3.Secret",
    "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
    "envoy.extensions.filters.network.rbac.v3.RBAC",
    "envoy.extensions.filters.network.direct_response.v3.Config",
    "envoy.extensions.filters.network.kafka_broker.v3.KafkaBroker",
    "envoy.extensions.filters.network.set_filter_state.v3.Config",
    "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
    "envoy.extensions.filters.http.router.v3.Router",
    "envoy.extensions.filters.http.rbac.v3.RBAC",
    "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig",
    "envoy.extensions.filters.http.lua.v3.Lua",
    "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
    "envoy.extensions.filters.http.fault.v3.HTTPFault",
    "envoy.extensions.filters.http.buffer.v3.Buffer",
    "envoy.extensions.access_loggers.file.v3.FileAccessLog",
    "envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig",
    "envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput",
    "envoy.extensions.matching.common_inputs.network.v3.ServerNameInput",
    "envoy.config.rbac.v3.Action",
    "xds.type.matcher.v3.Matcher",
    "envoy.service.discovery.v3.DeltaDiscoveryRequest",
    "envoy.service.discovery.v3.DeltaDiscoveryResponse",
    "envoy.service.discovery.v3.DiscoveryRequest",
    "envoy.service.discovery.v3.DiscoveryResponse",
    "envoy.service.health.v3.HealthCheckSpecifier",
    "envoy.service.health.v3.HealthCheckRequestOrEndpointHealthResponse",
    "envoy.admin.v3.ConfigDump",
    "envoy.admin.v3.Clusters",
  ];

  it("has all types that a proxy's config needs, with all that they refer to", () => {
    const registry = new TypeRegistry(new ProtoTree(shippedProtoRoots()));
    const seen = new Set<MessageDefinition>();
    const missing = needed.filter((name) => !registry.findMessage(name));
    expect(missing).toEqual([]);
    const walk = (definition: MessageDefinition): void => {
      if (seen.has(definition)) return;
      seen.add(definition);
      for (const field of definition.byId.values()) {
        const type = field.type();
        if (type.kind === "message") walk(type.definition);
      }
    };
    for (const name of needed) {
      const definition = registry.findMessage(name);
      if (definition) walk(definition);
    }
    expect(seen.size).toBeGreaterThan(350);
  });

  it("encodes the matcher form of RBAC", () => {
    const typeName = "envoy.extensions.filters.network.rbac.v3.RBAC";
    const rbac = {
      matcher: {
        matcherList: {
          matchers: [
            {
              predicate: {
                singlePredicate: {
                  input: {
                    name: "envoy.matching.inputs.uri_san",
                    typedConfig: { "@type": "type.googleapis.com/envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput" },
                  },
                  valueMatch: { exact: "spiffe://default/web" },
                },
              },
              onMatch: {
                action: {
                  name: "envoy.filters.rbac.action",
                  typedConfig: { "@type": "type.googleapis.com/envoy.config.rbac.v3.Action", name: "any" },
                },
              },
            },
          ],
        },
        onNoMatch: {
          action: {
            name: "envoy.filters.rbac.action",
            typedConfig: { "@type": "type.googleapis.com/envoy.config.rbac.v3.Action", name: "default", action: "DENY" },
          },
        },
      },
      statPrefix: "inbound_10_0_0_1_80.",
    };
    expect(decodeMessage(typeName, encodeMessage(typeName, rbac))).toEqual(rbac);
  });
});
