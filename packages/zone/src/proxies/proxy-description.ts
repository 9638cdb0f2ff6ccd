import type { ProxyDescription } from "@meridian/generator";
import type { ResourceKey } from "@meridian/model";
import { type StreamHello, StreamRefused } from "@meridian/xds";
import { hostRedirect } from "./host-redirect.ts";

/** Kind of the resource behind each proxy type. */
export const proxyKinds = { dataplane: "Dataplane", ingress: "ZoneIngress", egress: "ZoneEgress" } as const;

export type ProxyKind = (typeof proxyKinds)[keyof typeof proxyKinds];

export function isProxyType(type: string): type is keyof typeof proxyKinds {
  return Object.hasOwn(proxyKinds, type);
}

/** The node id of the proxy behind a resource; undefined when it is no proxy's. */
export function proxyIdOf({ kind, mesh, name }: ResourceKey): string | undefined {
  return Object.values<string>(proxyKinds).includes(kind) ? `${mesh}.${name}` : undefined;
}

/** What the first request of a stream says about a proxy, read once. */
export interface ConnectingProxy {
  readonly description: ProxyDescription;
  readonly kind: ProxyKind;
  /** JSON text of the resource that the proxy brings along; absent when it is registered over REST. */
  readonly resourceJson?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Reads node id and metadata (reference: dataplane-protocol.md section 4).
 * @throws StreamRefused when the node id or the proxy type is not one.
 */
export function describeProxy(hello: StreamHello): ConnectingProxy {
  const { metadata } = hello;
  const type = text(metadata["dataplane.proxyType"]) ?? "dataplane";
  if (!isProxyType(type)) {
    throw invalid(`node metadata dataplane.proxyType is "${type}"; it must be dataplane, ingress or egress`);
  }
  const dot = hello.nodeId.indexOf(".");
  const mesh = hello.nodeId.slice(0, Math.max(dot, 0));
  const name = hello.nodeId.slice(dot + 1);
  if (dot < 0 || !name || (type === "dataplane" && !mesh)) {
    throw invalid(`node id "${hello.nodeId}" must be MESH.NAME, or .NAME for zone proxies`);
  }
  const socketPath = text(metadata["dataplane.admin.socketPath"]);
  const readinessPort = port(metadata["dataplane.readinessReporter.port"]);
  const dnsPort = port(metadata["dataplane.dns.port"]);
  const features = new Set(Array.isArray(metadata["features"]) ? metadata["features"].map(String) : []);
  const transparentProxy = hostRedirect(metadata, features);
  const workdir = text(metadata["workdir"]);
  const certPath = text(metadata["metricsCertPath"]);
  const keyPath = text(metadata["metricsKeyPath"]);
  const systemCaPath = text(metadata["systemCaPath"]);
  const spireSocketPath = text(metadata["spireAgent.socketPath"]);
  const resourceJson = text(metadata["dataplane.resource"]);
  return {
    kind: proxyKinds[type],
    metadata,
    ...(resourceJson !== undefined && { resourceJson }),
    description: {
      id: hello.nodeId,
      type,
      mesh,
      name,
      features,
      admin: {
        address: text(metadata["dataplane.admin.address"]) ?? "127.0.0.1",
        port: port(metadata["dataplane.admin.port"]),
        ...(socketPath !== undefined && { socketPath }),
      },
      ...(readinessPort > 0 && { readinessPort }),
      ...(dnsPort > 0 && { dnsPort }),
      ...(transparentProxy && { transparentProxy }),
      ...(workdir !== undefined && { workdir }),
      ...(certPath !== undefined && keyPath !== undefined && { metricsTls: { certPath, keyPath } }),
      ...(systemCaPath !== undefined && { systemCaPath }),
      ...(spireSocketPath !== undefined && { spireSocketPath }),
      ipv6Enabled: metadata["ipv6Enabled"] !== false,
    },
  };
}

/** 0 when it is none. */
function port(value: unknown): number {
  const number = Number(text(value) ?? 0);
  return Number.isInteger(number) && number > 0 && number < 65_536 ? number : 0;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function invalid(message: string): StreamRefused {
  return new StreamRefused({ code: "INVALID_ARGUMENT", message });
}
