import { keyText, type Tags } from "@meridian/model";
import { hostPattern, type ListenerProtocol, type ListenerSubject, type PolicyNote } from "@meridian/policies";
import type { MeshGateway } from "./gateway-of.ts";

type Listener = MeshGateway["spec"]["conf"]["listeners"][number];

/** Some hosts of a port. */
export interface GatewayHost extends ListenerSubject {
  /** As it is written in the MeshGateway. */
  readonly written: string;
  /** How many certificates it has; absent: TLS, if any, does not end here. */
  readonly certificates?: number;
}

/** What Envoy listens on: the listeners of one port. */
export interface GatewayPort {
  readonly port: number;
  readonly protocol: ListenerProtocol;
  /** In the order in which they are written, each pattern once. */
  readonly hosts: readonly GatewayHost[];
  /** Proxies of other meshes come to it, by mTLS; absent: anybody does. */
  readonly isCrossMesh?: true;
  /** How many connections it takes at a time; absent: any number. */
  readonly connectionLimit?: number;
  readonly notes: readonly PolicyNote[];
}

/**
 * The ports of a gateway, lowest first. A listener that cannot be is left out with a note, and costs the others nothing: validation
 * refuses most of them, but what is stored already may be older than a rule.
 * @param tags of the proxy: those of the gateway and of the listener come on top.
 */
export function portsOf(gateway: MeshGateway, tags: Tags): readonly GatewayPort[] {
  const byPort = new Map<number, Listener[]>();
  for (const listener of gateway.spec.conf.listeners) {
    byPort.set(listener.port, [...(byPort.get(listener.port) ?? []), listener]);
  }
  return [...byPort]
    .sort(([a], [b]) => a - b)
    .flatMap(([port, listeners]) => portOf(gateway, { ...tags, ...gateway.spec.tags }, port, listeners));
}

function portOf(gateway: MeshGateway, tags: Tags, port: number, listeners: readonly Listener[]): readonly GatewayPort[] {
  const hosts: GatewayHost[] = [];
  const taken: Listener[] = [];
  const problems: string[] = [];
  for (const listener of listeners) {
    const problem = problemOf(listener) ?? conflictOf(listener, taken);
    if (problem === undefined) {
      hosts.push(hostOf(listener, tags));
      taken.push(listener);
    } else problems.push(leftOut(listener, problem));
  }
  const [first] = taken;
  const limits = listeners.flatMap(({ resources }) => resources?.connectionLimit || []);
  return [
    {
      port,
      protocol: hosts[0]?.protocol ?? "TCP",
      hosts,
      ...(first?.crossMesh && { isCrossMesh: true }),
      ...(limits.length > 0 && { connectionLimit: Math.min(...limits) }),
      notes: problems.map((message) => ({ policy: keyText(gateway), message })),
    },
  ];
}

/** For the status of a MeshGateway. */
export function leftOut({ port, hostname }: Pick<Listener, "port" | "hostname">, problem: string): string {
  return `listener ${port} ${hostPattern(hostname)} is left out: ${problem}`;
}

function hostOf({ hostname, port, protocol, tls, tags: own }: Listener, tags: Tags): GatewayHost {
  return {
    port,
    protocol: protocol as ListenerProtocol,
    hostname: hostPattern(hostname),
    written: hostname ?? "",
    tags: { ...tags, ...own },
    ...(tls?.mode === "TERMINATE" &&
      protocol !== "HTTP" &&
      protocol !== "TCP" && { certificates: tls.certificates?.length ?? 0 }),
  };
}

/** Why a listener makes no sense by itself. */
function problemOf({ protocol, tls, crossMesh }: Listener): string | undefined {
  if (protocol === "NONE") return "it has no protocol";
  if (crossMesh) return protocol === "HTTP" ? undefined : "other meshes come to listeners for HTTP only";
  if (protocol === "HTTP" || protocol === "TCP") return undefined;
  if (tls?.mode === "PASSTHROUGH") return protocol === "TLS" ? undefined : "TLS has to end at an HTTPS listener";
  if (tls?.mode !== "TERMINATE") return `${protocol} needs tls: it does not say where TLS ends`;
  return tls.certificates?.length ? undefined : "it has no certificate";
}

/** Why it cannot be beside those that the port has already. */
function conflictOf({ protocol, hostname, crossMesh = false }: Listener, taken: readonly Listener[]): string | undefined {
  const [first] = taken;
  if (first && first.protocol !== protocol) return `the port already speaks ${first.protocol}`;
  if (first && (first.crossMesh ?? false) !== crossMesh) {
    return crossMesh ? "the port is for clients without an identity already" : "the port is for other meshes already";
  }
  const isTaken = taken.some((other) => hostPattern(other.hostname) === hostPattern(hostname));
  return isTaken ? "another listener of the port has the same host" : undefined;
}

/** Patterns of the other hosts of the port. */
export function otherHosts({ hosts }: GatewayPort, { hostname }: GatewayHost): readonly string[] {
  return hosts.map((host) => host.hostname).filter((other) => other !== hostname);
}
