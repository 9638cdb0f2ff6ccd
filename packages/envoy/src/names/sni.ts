/** Server names by which zone ingresses route (multizone.md section 4, SNI formats). */
type Tags = Readonly<Record<string, string>>;

const serviceTag = "kuma.io/service";

/**
 * SNI of a tag destination: `backend{mesh=default,version=v1}`: tags sorted, without `kuma.io/service`, plus `mesh`.
 * The bare service without tags and mesh.
 */
export function tagSni(tags: Tags, mesh?: string): string {
  const all: Record<string, string> = { ...tags, ...(mesh !== undefined && { mesh }) };
  const service = all[serviceTag] ?? "";
  const pairs = Object.keys(all)
    .filter((key) => key !== serviceTag)
    .sort()
    .map((key) => `${key}=${all[key]}`);
  return pairs.length === 0 ? service : `${service}{${pairs.join(",")}}`;
}

/** The tags of a tag SNI, `mesh` and `kuma.io/service` among them. Absent when `sni` is not of that form. */
export function parseTagSni(sni: string): Tags | undefined {
  const match = /^([^{}]*)(?:\{([^{}]*)\})?$/.exec(sni);
  if (match?.[1] === undefined || match[1] === "") return undefined;
  const tags: [string, string][] = [];
  for (const pair of (match[2] ?? "").split(",").filter((text) => text !== "")) {
    const equals = pair.indexOf("=");
    if (equals <= 0) return undefined;
    tags.push([pair.slice(0, equals), pair.slice(equals + 1)]);
  }
  return { ...Object.fromEntries(tags), [serviceTag]: match[1] };
}

/** Kinds with a SNI of their own, by the last label. */
const kindLabels = { MeshService: "ms", MeshExternalService: "mes", MeshMultiZoneService: "mzms" } as const;

export interface HashSniOptions {
  readonly kind: keyof typeof kindLabels;
  /** The name it has in its own zone, with `.<namespace>` where it has one. */
  readonly name: string;
  readonly mesh: string;
  readonly port: number;
  readonly tags?: Tags;
}

/** `a<16 hex>.<name>.<port>.<mesh>.ms`. `a` is the version of the format; the hash keeps long, cut names apart. */
export function hashSni({ kind, name, mesh, port, tags = {} }: HashSniOptions): string {
  const subset = Object.keys(tags)
    .sort()
    .map((key) => `${key}=${tags[key]}`)
    .join(",");
  const hash = fnv64a(`${name};${mesh};${subset}`);
  return `a${hash}.${label(name)}.${port}.${label(mesh)}.${kindLabels[kind]}`;
}

/** A DNS label has at most 63 characters; the last says that it was cut. */
function label(name: string): string {
  return name.length > 62 ? `${name.slice(0, 62)}x` : name;
}

/** Fowler–Noll–Vo 1a, 64 bit, as 16 hex digits. */
function fnv64a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}

export interface KriSniOptions {
  readonly kind: "msvc" | "extsvc" | "mzsvc";
  readonly mesh: string;
  /** Absent for what the global owns. */
  readonly zone?: string;
  /** Only with `zone`. */
  readonly namespace?: string;
  readonly name: string;
  /** Port name, else number. */
  readonly section: string;
}

/** `sni.<kind>.<mesh>[.<zone>[.<namespace>]].<name>.<section>`. Absent when a part is no DNS label or the whole is too long. */
export function kriSni(options: KriSniOptions): string | undefined {
  const place = options.zone === undefined ? [] : [options.zone, ...(options.namespace === undefined ? [] : [options.namespace])];
  const labels = ["sni", options.kind, options.mesh, ...place, options.name, options.section];
  const sni = labels.join(".");
  return sni.length <= 253 && labels.every((part) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(part)) ? sni : undefined;
}
