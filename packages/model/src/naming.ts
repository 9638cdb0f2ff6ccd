import type { KindRegistry } from "./kind.ts";
import { labelNames } from "./labels.ts";
import type { Labels, ResourceKey } from "./resource.ts";

/**
 * `kri_<short>_<mesh>_<zone>_<namespace>_<name>_<section>`; empty parts stay empty (reference: rest-api.md 3.2). Undefined for kinds
 * without a short name.
 */
export function kri(
  resource: ResourceKey & { readonly labels: Labels },
  registry: KindRegistry,
  section = "",
): string | undefined {
  const shortName = registry.get(resource.kind)?.shortName;
  if (shortName === undefined) return undefined;
  const { labels } = resource;
  const zone = labels[labelNames.zone] ?? "";
  const namespace = labels[labelNames.namespace] ?? "";
  const name = labels[labelNames.displayName] ?? resource.name;
  return ["kri", shortName, resource.mesh, zone, namespace, name, section].join("_");
}

const maxNameLength = 253;
/** A dash and 16 characters of hash. */
const suffixLength = 17;
const hashAlphabet = "bcdfghjklmnpqrstvwxz2456789";

/**
 * The name that a resource gets at the other control plane: readable, and unique over zones and namespaces (reference:
 * multizone.md section 3). `zone` and `namespace` are the values of its labels, "" or absent when it has none.
 */
export function syncedName(name: string, mesh: string, zone?: string, namespace?: string): string {
  const hex = fnv64a(`${mesh}${name}${zone ?? ""}${namespace ?? ""}`)
    .toString(16)
    .padStart(16, "0");
  const hash = [...hex].map((digit) => hashAlphabet[digit.charCodeAt(0) % hashAlphabet.length]).join("");
  return `${name.slice(0, maxNameLength - suffixLength)}-${hash}`;
}

/** FNV-1a with 64 bits over the UTF-8 bytes. */
function fnv64a(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}
