import type { Resource, Tags } from "@meridian/model";
import type { ProxyDescription } from "../types.ts";

/** Short ways to write resources in tests and in the bench. */
export function resource<Spec>(kind: string, mesh: string, name: string, spec: Spec, labels: Tags = {}): Resource<Spec> {
  const time = "2026-01-01T00:00:00Z";
  return { kind, mesh, name, spec, labels, version: 1, creationTime: time, modificationTime: time };
}

export type MtlsMode = "off" | "STRICT" | "PERMISSIVE";

export function mesh(name: string, mode: MtlsMode = "STRICT", prefersLocalZone = false): Resource {
  const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin", mode }] };
  const routing = { localityAwareLoadBalancing: prefersLocalZone };
  return resource("Mesh", "", name, { ...(mode !== "off" && { mtls }), routing });
}

export interface DataplaneOptions {
  readonly mesh?: string;
  readonly name: string;
  readonly address: string;
  readonly inbound?: readonly Readonly<Record<string, unknown>>[];
  readonly outbound?: readonly Readonly<Record<string, unknown>>[];
  readonly labels?: Tags;
  readonly transparentProxying?: object | undefined;
  /** Zone proxies of the mesh. */
  readonly listeners?: readonly object[] | undefined;
}

export function dataplane({ mesh = "default", name, labels, ...options }: DataplaneOptions): Resource {
  const { address, inbound = [], outbound = [], transparentProxying, listeners } = options;
  const networking = {
    address,
    inbound,
    outbound,
    ...(transparentProxying && { transparentProxying }),
    ...(listeners && { listeners }),
  };
  return resource("Dataplane", mesh, name, { networking }, labels);
}

export function sidecar(mesh: string, name: string, features: readonly string[] = []): ProxyDescription {
  const admin = { address: "127.0.0.1", port: 9901 };
  return { id: `${mesh}.${name}`, type: "dataplane", mesh, name, features: new Set(features), admin };
}

export function ingress(name: string): ProxyDescription {
  return { ...sidecar("", name), type: "ingress" };
}

export function egress(name: string): ProxyDescription {
  return { ...sidecar("", name), type: "egress", systemCaPath: "/etc/ssl/certs/ca-certificates.crt" };
}

/** `split` in the order given. */
export function trafficRoute(name: string, service: string, split: readonly { weight: number; destination: Tags }[]): Resource {
  return resource("TrafficRoute", "default", name, {
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": service } }],
    conf: { split },
  });
}
