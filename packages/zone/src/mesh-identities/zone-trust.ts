import { labelNames, type MeshTrustSpec, type Resource, type Revision, type ZoneIngressSpec } from "@meridian/model";
import { isLocal, pemOf } from "@meridian/services";
import { caDigest, certificatesIn, trustDigest } from "../identity/ca-digest.ts";

/**
 * A zone tells the others which CAs all of its proxies believe by labels of its ingress: the one resource of a zone that every other
 * zone has, and without which nobody reaches its proxies.
 */
const receiptPrefix = "trust.meridian.io/";

/** Names of CAs (`trustDigest`) that all proxies of this zone believe. */
export function believedCas(trusts: readonly Resource<MeshTrustSpec>[], converged: Revision): ReadonlySet<string> {
  return new Set(trusts.filter(({ version }) => version <= converged).flatMap(casOf));
}

/** Names of the CAs in a MeshTrust. */
export function casOf({ mesh, spec }: Resource<MeshTrustSpec>): readonly string[] {
  const certificates = pemOf(spec).flatMap(certificatesIn);
  return certificates.map((certificate) => trustDigest(mesh, spec.trustDomain, caDigest(certificate)));
}

/**
 * The labels of an ingress of this zone with all receipts that are due. One that was given stays while the MeshTrust does: what proxies
 * believe they go on to believe.
 * @param known names of all CAs that a MeshTrust holds.
 */
export function receiptLabels(
  { labels }: Resource<ZoneIngressSpec>,
  believed: ReadonlySet<string>,
  known: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  const others = Object.entries(labels).filter(([label]) => !label.startsWith(receiptPrefix));
  const given = Object.keys(labels).flatMap((label) =>
    label.startsWith(receiptPrefix) ? [label.slice(receiptPrefix.length)] : [],
  );
  const due = new Set([...believed, ...given.filter((ca) => known.has(ca))]);
  return Object.fromEntries([...others, ...[...due].sort().map((ca) => [receiptPrefix + ca, "true"] as const)]);
}

/** Other zones that can be reached and have not said yet that all of their proxies believe a CA; sorted. */
export function zonesWithout(ca: string, ingresses: readonly Resource<ZoneIngressSpec>[]): readonly string[] {
  const foreign = ingresses.filter((ingress) => !isLocal(ingress));
  const zones = new Map<string, boolean>();
  for (const { labels, spec } of foreign) {
    const zone = labels[labelNames.zone] ?? spec.zone ?? "";
    zones.set(zone, (zones.get(zone) ?? false) || labels[receiptPrefix + ca] === "true");
  }
  return [...zones].flatMap(([zone, believes]) => (believes ? [] : [zone])).sort();
}
