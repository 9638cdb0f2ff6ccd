import { createHash } from "node:crypto";

/**
 * Names of Envoy resources as the peer's dashboards, `kumactl` and users know them (dataplane-protocol.md section 7, classic
 * names).
 */
type Tags = Readonly<Record<string, string>>;

const serviceTag = "kuma.io/service";
const meshTag = "kuma.io/mesh";

export function inboundListenerName(address: string, port: number): string {
  return `inbound:${hostPort(address, port)}`;
}

export function outboundListenerName(address: string, port: number): string {
  return `outbound:${hostPort(address, port)}`;
}

/** The cluster of the workload behind an inbound. */
export function localClusterName(workloadPort: number): string {
  return `localhost:${workloadPort}`;
}

export function inboundRouteName(service: string): string {
  return `inbound:${service}`;
}

export function outboundRouteName(service: string): string {
  return `outbound:${service}`;
}

/** The cluster of a zone ingress or egress for one service. */
export function zoneClusterName(mesh: string, service: string): string {
  return `${mesh}:${service}`;
}

/** The service of every zone egress: what its certificate says. */
export const zoneEgressService = "zone-egress";

/** The locality of what is reached through a zone egress: which zone it is in, the egress decides. */
export function egressLocality(address: string): string {
  return `${egressLocalityPrefix}${createHash("sha256").update(address).digest("hex").slice(0, 8)}`;
}

export function isEgressLocality(zone: string): boolean {
  return zone.startsWith(egressLocalityPrefix);
}

const egressLocalityPrefix = "egress_";

/**
 * The outbound cluster of a tag set: the service's name; with further tags (a subset, a split) `<service>-<16 hex>`, a hash over
 * key and value of all tags sorted by key, `kuma.io/service` included. What is in another mesh has that after its name.
 */
export function outboundClusterName(tags: Tags): string {
  const service = tags[serviceTag] ?? "";
  const keys = Object.keys(tags);
  if (keys.every((key) => key === serviceTag)) return service;
  const mesh = tags[meshTag];
  return `${service}-${tagsHash(tags)}${mesh === undefined ? "" : `_${mesh}`}`;
}

/** Short names of kinds in the names of clusters. */
const serviceSuffixes = { MeshService: "msvc", MeshExternalService: "extsvc", MeshMultiZoneService: "mzsvc" } as const;

export interface ServicePortName {
  readonly kind: keyof typeof serviceSuffixes;
  readonly mesh: string;
  /** As its user called it. */
  readonly name: string;
  /** "" without one. */
  readonly namespace: string;
  /** "" for what the global owns. */
  readonly zone: string;
  readonly port: number;
}

/** The cluster of one port of a real service: `<mesh>_<name>_<namespace>_<zone>_msvc_<port>`, empty parts staying empty. */
export function serviceClusterName({ kind, mesh, name, namespace, zone, port }: ServicePortName): string {
  return [mesh, name, namespace, zone, serviceSuffixes[kind], port].join("_");
}

/** First 16 hex digits of SHA-256 over key and value of every tag, sorted by key. */
export function tagsHash(tags: Tags): string {
  const text = Object.keys(tags)
    .sort()
    .map((key) => `${key}${tags[key]}`)
    .join("");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** One match of an HTTP route, in the fields that its name is a hash of. */
export interface RouteNameMatch {
  readonly path?: { readonly value: string; readonly type: string };
  readonly method?: string;
  readonly queryParams?: readonly { readonly type: string; readonly name: string; readonly value?: string }[];
  readonly headers?: readonly { readonly type: string; readonly name: string; readonly value?: string }[];
}

/** The match of a route that matches everything. */
export const defaultRouteMatches: readonly RouteNameMatch[] = [{ path: { value: "/", type: "PathPrefix" } }];

/** Name of an HTTP route: base64 of SHA-256 over the compact JSON of its matches. Key order is part of the format. */
export function httpRouteName(matches: readonly RouteNameMatch[]): string {
  const ordered = matches.map((match) => ({
    path: match.path && { value: match.path.value, type: match.path.type },
    method: match.method,
    queryParams: match.queryParams?.map(({ type, name, value }) => ({ type, name, value })),
    headers: match.headers?.map(({ type, name, value }) => ({ type, name, value })),
  }));
  return createHash("sha256").update(JSON.stringify(ordered)).digest("base64");
}

/** SDS name of a proxy's certificate in a mesh. */
export function identitySecretName(mesh: string): string {
  return `identity_cert:secret:${mesh}`;
}

/** SDS name of a mesh's trusted CAs. */
export function meshCaSecretName(mesh: string): string {
  return `mesh_ca:secret:${mesh}`;
}

/**
 * SDS name of the CAs of all meshes: whom a gateway lets in that other meshes come to. The peer's newer name; its classic one,
 * `mesh_ca:secret:all`, is that of a mesh called `all`, too.
 */
export const allMeshesCaName = "system_mtls_ca_all_meshes";

/** `spiffe://<mesh>/<service>` */
export function serviceSpiffeId(mesh: string, service: string): string {
  return `spiffe://${mesh}/${service}`;
}

/** What every SPIFFE id of a mesh starts with. */
export function meshSpiffePrefix(mesh: string): string {
  return `spiffe://${mesh}/`;
}

/** `kuma://<tag>/<value>`: further URI names in a certificate, for policies on tags. */
export function tagUri(tag: string, value: string): string {
  return `kuma://${tag}/${value}`;
}

function hostPort(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * A socket or pipe in the work directory of a data plane (dataplane-protocol.md section 9). Paths of unix sockets hold at most 108
 * bytes; the peer cuts at 98, and so do its data planes.
 * @param name without `.sock`: `kuma-al-<proxy>-<mesh>`
 */
export function dataPlaneSocket(workDirectory: string, name: string): string {
  return `${`${workDirectory}/${name}`.slice(0, 98)}.sock`;
}
