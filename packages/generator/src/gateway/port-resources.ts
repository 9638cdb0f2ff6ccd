import {
  type EncodedResource,
  gatewayListener,
  gatewayListenerName,
  gatewayRouteName,
  typeUrls,
  type VirtualHost,
} from "@meridian/envoy";
import { keyText, type Tags } from "@meridian/model";
import {
  anyHost,
  extraListenerClusters,
  having,
  inputsOf,
  notesOf,
  originsOf,
  type PolicyNote,
  type ProxySubject,
  removesGatewayListener,
  shapeGatewayListener,
  virtualHosts,
} from "@meridian/policies";
import type { GenerationContext, PartListener, PartResources } from "../parts.ts";
import type { ShownIdentity } from "../sidecar/proxy-tls.ts";
import { certificatesOf, chainEffects, gatewayChains } from "./chains.ts";
import { crossMeshPeers } from "./cross-mesh.ts";
import { destinationsOf } from "./destinations.ts";
import { gatewayOf, type MeshGateway } from "./gateway-of.ts";
import { type GatewayPort, leftOut, otherHosts, portsOf } from "./ports.ts";
import { gatewayRouteConfiguration, gatewayVirtualHost, type RoutedHost } from "./routes.ts";
import { hostSide, type PortSide } from "./side.ts";

export interface PortOptions {
  /** The proxy. */
  readonly proxy: ProxySubject;
  /** Of the proxy as a gateway. */
  readonly tags: Tags;
  readonly port: number;
  readonly ipv6Enabled: boolean;
  /** What the gateway shows to servers; absent: a certificate of the mesh's CA. */
  readonly shown?: ShownIdentity;
}

const nothing: PartResources = { resources: [], endpoints: [] };

/** Everything for one port of a builtin gateway but the address that it listens at. A port where nothing is left has no listener. */
export function portResources(
  context: GenerationContext,
  { proxy, tags, port: wanted, ipv6Enabled, shown }: PortOptions,
): PartResources {
  const { view } = context;
  const mesh = view.mesh(proxy.mesh);
  const gateway = gatewayOf(view, proxy.mesh, tags);
  const port = gateway && portsOf(gateway, tags).find((each) => each.port === wanted);
  if (!mesh || !port) return nothing;
  const peers = port.isCrossMesh && crossMeshPeers(view, mesh, shown);
  if (peers && "problem" in peers) return { ...nothing, notes: [...port.notes, ...problemNotes(gateway, port, peers.problem)] };
  const side: PortSide = { context, mesh, gateway, port, proxy, ...(shown && { shown }), ...(peers && { peers }) };
  const hosts = port.hosts.map((host): RoutedHost => {
    const ofHost = hostSide(side, host);
    return { ...ofHost, destinations: destinationsOf(ofHost) };
  });
  const destinations = hosts.flatMap((host) => [...host.destinations.values()]);
  const notes = [
    ...port.notes,
    ...hosts.flatMap(({ plan, effects }) => [...plan.notes, ...notesOf(effects)]),
    ...destinations.flatMap(({ effects }) => notesOf(effects)),
  ];
  return {
    resources: [...routeConfigurations(hosts), ...destinations.flatMap(({ cluster }) => cluster ?? []), ...neededClusters(hosts)],
    endpoints: destinations.flatMap(({ endpoints }) => endpoints ?? []),
    ...(hosts.length > 0 && { listener: portListener(hosts, ipv6Enabled) }),
    ...(notes.length > 0 && { notes }),
  };
}

function problemNotes(gateway: MeshGateway, { hosts }: GatewayPort, problem: string): readonly PolicyNote[] {
  return hosts.map((host) => ({ policy: keyText(gateway), message: leftOut(host, problem) }));
}

function portListener(hosts: readonly RoutedHost[], ipv6Enabled: boolean): PartListener {
  const [first] = hosts as readonly [RoutedHost];
  const name = gatewayListenerName(first.gateway.name, first.port.protocol, first.port.port);
  const filterChains = gatewayChains(hosts, ipv6Enabled);
  const { protocol } = first.port;
  const { peers } = first;
  const isHttp = protocol === "HTTP" || protocol === "HTTPS";
  const readsTls = protocol === "HTTPS" || protocol === "TLS" || peers !== undefined;
  const plans = isHttp ? [] : hosts.flatMap(({ plan }) => plan.origins);
  const secrets = [...hosts.flatMap(certificatesOf), ...(peers ? [peers.trust] : [])];
  const shaping = having(chainEffects(hosts), "listener", "removesListener");
  return {
    name,
    inputs: [name, filterChains, inputsOf(shaping)],
    origins: originsOf(
      hosts.flatMap(({ effects }) => effects),
      [keyText(first.gateway), ...plans],
    ),
    build: ({ address, port }) => {
      const listener = gatewayListener({ name, address, port, filterChains, readsTls });
      return shapeGatewayListener(listener, shaping, first.target);
    },
    isRemoved: () => removesGatewayListener(name, shaping, first.target),
    ...(secrets.length > 0 && { secrets }),
  };
}

/** One for all hosts where requests tell the host; else one for each. */
function routeConfigurations(hosts: readonly RoutedHost[]): readonly EncodedResource[] {
  const [first] = hosts;
  if (first?.port.protocol === "HTTP") return [routeConfiguration(hosts, anyHost)];
  return first?.port.protocol === "HTTPS" ? hosts.map((each) => routeConfiguration([each], each.host.hostname)) : [];
}

function routeConfiguration(hosts: readonly RoutedHost[], hostname: string): EncodedResource {
  const [first] = hosts as readonly [RoutedHost];
  const { context, target, gateway } = first;
  const effects = hosts.flatMap((host) => [
    ...host.effects,
    ...[...host.destinations.values()].flatMap((destination) => destination.effects),
  ]);
  const origins = originsOf(effects, [keyText(gateway), ...hosts.flatMap(({ plan }) => plan.origins)]);
  const json = gatewayRouteConfiguration(gatewayRouteName(target.name, hostname), hosts.flatMap(hostsOf));
  return context.encoder.encode(typeUrls.route, json, [...new Set(origins)].sort());
}

function hostsOf(side: RoutedHost): readonly VirtualHost[] {
  const { host, port, plan } = side;
  return virtualHosts(host.hostname, otherHosts(port, host), plan.rules).map((routes) => gatewayVirtualHost(side, routes));
}

/** Clusters of collectors and the like. */
function neededClusters(hosts: readonly RoutedHost[]): readonly EncodedResource[] {
  const [first] = hosts;
  if (!first) return [];
  const { context, target } = first;
  const sharing = first.port.protocol === "HTTP" || first.port.protocol === "TCP" ? [hosts] : hosts.map((host) => [host]);
  return sharing.flatMap((together) => {
    const effects = having(chainEffects(together), "extraClusters");
    return extraListenerClusters(effects, target).map((cluster) =>
      context.encoder.share({
        ...{ typeUrl: typeUrls.cluster, inputs: ["extra", cluster], origins: originsOf(effects) },
        build: () => cluster,
      }),
    );
  });
}
