import { type TSchema, Type } from "@sinclair/typebox";
import { durationText, portNumber, type SpecOf, stringEnum, stringMap, type Unchecked } from "../../fragments.ts";
import { prometheusConfSchema } from "../mesh/schema.ts";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

const inbound = Type.Object({
  port: portNumber("Port on which the proxy listens for this inbound."),
  servicePort: optional(portNumber("Port of the application; the inbound's port when absent.")),
  serviceAddress: optional(Type.String({ description: "Address of the application; the inbound's address when absent." })),
  address: optional(Type.String({ description: "Address on which the proxy listens; the Dataplane's when absent." })),
  tags: stringMap("Describe the service; `kuma.io/service` names it."),
  protocol: optional(Type.String({ description: "grpc, http, http2, kafka or tcp; wins over the tag `kuma.io/protocol`." })),
  name: optional(Type.String({ description: "Names the inbound, for `sectionName` and `targetPort`." })),
  health: optional(Type.Object({ ready: optional(Type.Boolean({ description: "The application takes traffic." })) })),
  serviceProbe: optional(
    Type.Object(
      {
        interval: optional(durationText("Time between checks. Default 1s.")),
        timeout: optional(durationText("How long one check may take. Default 2s.")),
        unhealthyThreshold: optional(Type.Integer({ description: "Failures until not ready.", default: 1 })),
        healthyThreshold: optional(Type.Integer({ description: "Successes until ready.", default: 1 })),
        tcp: optional(Type.Object({}, { description: "Try to connect." })),
      },
      { description: "The proxy checks the application and reports its readiness." },
    ),
  ),
  state: optional(
    stringEnum(["Ready", "NotReady", "Ignored"], {
      description: "NotReady takes no traffic; Ignored is left out everywhere.",
      default: "Ready",
    }),
  ),
});

const backendRef = Type.Object({
  kind: Type.Unsafe<"MeshService" | "MeshExternalService" | "MeshMultiZoneService">({
    type: "string",
    description: "MeshService, MeshExternalService or MeshMultiZoneService.",
  }),
  name: optional(Type.String({ description: "Name of the destination." })),
  port: optional(portNumber("Port of the destination.")),
  labels: optional(stringMap("Destinations with these labels, instead of a name.")),
});

const outbound = Type.Object({
  address: optional(Type.String({ description: "Address on which the proxy listens.", default: "127.0.0.1" })),
  port: portNumber("Port on which the proxy listens."),
  tags: optional(stringMap("Where it leads: `kuma.io/service` and, for a subset, more tags.")),
  backendRef: optional(backendRef),
});

const reachableBackend = Type.Object({
  kind: optional(Type.String({ description: "MeshService, MeshExternalService or MeshMultiZoneService." })),
  name: optional(Type.String({ description: "Name of the destination." })),
  namespace: optional(Type.String({ description: "Namespace of the destination, on Kubernetes." })),
  port: optional(portNumber("Only this port.")),
  labels: optional(stringMap("Destinations with these labels, instead of a name.")),
});

const transparentProxying = Type.Object({
  redirectPortInbound: optional(portNumber("Port to which inbound traffic is redirected.")),
  redirectPortOutbound: optional(portNumber("Port to which outbound traffic is redirected.")),
  directAccessServices: optional(
    Type.Array(Type.String(), { description: "Services reached by the addresses of their instances; `*` for all." }),
  ),
  reachableServices: optional(Type.Array(Type.String(), { description: "Only these services get an outbound." })),
  ipFamilyMode: optional(
    stringEnum(["UnSpecified", "DualStack", "IPv4", "IPv6"], { description: "IP families that are redirected." }),
  ),
  reachableBackends: optional(
    Type.Object({ refs: optional(Type.Array(reachableBackend)) }, { description: "Only these destinations get an outbound." }),
  ),
});

const zoneProxyListener = Type.Object({
  type: Type.Unsafe<"ZoneIngress" | "ZoneEgress">({ type: "string", description: "ZoneIngress or ZoneEgress." }),
  address: optional(Type.String({ description: "Address on which it listens; the Dataplane's when absent." })),
  port: portNumber("Port on which it listens."),
  name: optional(Type.String({ description: "Names the listener; the port as text when absent." })),
  state: optional(stringEnum(["Ready", "NotReady", "Ignored"], { description: "As for an inbound.", default: "Ready" })),
});

export const dataplaneSchema = Type.Object({
  networking: Type.Object(
    {
      address: Type.String({ description: "IP address or DNS name under which the proxy is reached." }),
      advertisedAddress: optional(
        Type.String({ description: "Address for other proxies where it differs, such as behind NAT." }),
      ),
      inbound: optional(Type.Array(inbound, { description: "Services that this proxy stands before." })),
      outbound: optional(Type.Array(outbound, { description: "Destinations that the application reaches through the proxy." })),
      gateway: optional(
        Type.Object({
          type: optional(
            stringEnum(["DELEGATED", "BUILTIN"], {
              description: "DELEGATED: an API gateway of your own beside the proxy.",
              default: "DELEGATED",
            }),
          ),
          tags: optional(stringMap("Describe the gateway; `kuma.io/service` names it.")),
        }),
      ),
      transparentProxying: optional(transparentProxying),
      admin: optional(Type.Object({ port: optional(portNumber("Port of Envoy's admin API.")) })),
      listeners: optional(Type.Array(zoneProxyListener, { description: "Zone ingress or egress listeners of this proxy." })),
    },
    { description: "Where the proxy is and what it serves." },
  ),
  metrics: optional(
    Type.Object({
      name: optional(Type.String({ description: "Name of the mesh's metrics backend." })),
      type: optional(Type.String({ description: "`prometheus`." })),
      conf: optional(prometheusConfSchema),
    }),
  ),
  probes: optional(
    Type.Object({
      port: optional(portNumber("Port on which virtual probes are served.")),
      endpoints: optional(
        Type.Array(
          Type.Object({
            inboundPort: optional(portNumber("Port of the application's probe.")),
            inboundPath: optional(Type.String({ description: "Path of the application's probe." })),
            path: optional(Type.String({ description: "Path of the virtual probe." })),
          }),
        ),
      ),
    }),
  ),
});

export type DataplaneSpec = SpecOf<typeof dataplaneSchema>;
export type UncheckedDataplane = Unchecked<DataplaneSpec>;
export type DataplaneInbound = NonNullable<DataplaneSpec["networking"]["inbound"]>[number];
export type DataplaneOutbound = NonNullable<DataplaneSpec["networking"]["outbound"]>[number];
