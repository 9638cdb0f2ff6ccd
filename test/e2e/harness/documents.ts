// The documents of the tests, as users write them.

export interface MeshOptions {
  readonly name?: string;
  readonly mode?: "STRICT" | "PERMISSIVE";
  /** Lifetime of the proxies' certificates. */
  readonly expiration?: string;
  readonly localityAware?: boolean;
  /** What leaves a zone or the mesh passes the zone's egress. */
  readonly zoneEgress?: boolean;
  readonly defaultForbidMeshExternalServiceAccess?: boolean;
  /** A CA of the user's own, in Secrets of these names. */
  readonly provided?: { readonly cert: string; readonly key: string };
}

export function meshWithMtls(options: MeshOptions = {}): object {
  const { name = "default", mode = "STRICT", expiration, localityAware, provided } = options;
  const { zoneEgress, defaultForbidMeshExternalServiceAccess } = options;
  const routing = {
    ...(localityAware !== undefined && { localityAwareLoadBalancing: localityAware }),
    ...(zoneEgress !== undefined && { zoneEgress }),
    ...(defaultForbidMeshExternalServiceAccess !== undefined && { defaultForbidMeshExternalServiceAccess }),
  };
  const backend = {
    name: "ca-1",
    type: provided ? "provided" : "builtin",
    mode,
    ...(expiration !== undefined && { dpCert: { rotation: { expiration } } }),
    ...(provided && { conf: { cert: { secret: provided.cert }, key: { secret: provided.key } } }),
  };
  return {
    type: "Mesh",
    name,
    mtls: { enabledBackend: "ca-1", backends: [backend] },
    ...(Object.keys(routing).length > 0 && { routing }),
  };
}

export function trafficPermission(source: string, destination: string, name = `${source}-to-${destination}`): object {
  return {
    type: "TrafficPermission",
    mesh: "default",
    name: name.replaceAll("*", "all"),
    sources: [{ match: { "kuma.io/service": source } }],
    destinations: [{ match: { "kuma.io/service": destination } }],
  };
}

/** So many parts of 100 to each version of a service. */
export function canary(service: string, weights: Readonly<Record<string, number>>): object {
  const split = Object.entries(weights).map(([version, weight]) => ({
    weight,
    destination: { "kuma.io/service": service, version },
  }));
  return {
    type: "TrafficRoute",
    mesh: "default",
    name: `${service}-canary`,
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": service } }],
    conf: { split },
  };
}

export function secret(name: string, content: string, mesh = "default"): object {
  return { type: "Secret", mesh, name, data: Buffer.from(content).toString("base64") };
}
