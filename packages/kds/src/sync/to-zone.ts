import type { KindDefinition, KindRegistry, ResourceInput } from "@meridian/model";
import { keyText, labelNames, syncedName, tagNames } from "@meridian/model";
import { type Entry, encodeEntry } from "./entry.ts";

/** Which zones a change concerns. */
export type Audience = { readonly to: "all" } | { readonly to: "except" | "only"; readonly zone: string };

/** What the zones see of one resource of the global. */
export interface ZoneCopy {
  /** `keyText` at the receiver. */
  readonly key: string;
  readonly entry: Entry;
  readonly audience: Audience;
}

export interface ToZoneOptions {
  readonly kinds: KindRegistry;
  /** `spec.data` of a signing key's GlobalSecret in, `spec.data` with the public key alone out. Absent: no such key is sent. */
  readonly publicKeyOf?: (secretData: string) => string;
}

export const everyZone: Audience = { to: "all" };

export function concerns(audience: Audience, zone: string): boolean {
  return audience.to === "all" || (audience.to === "only" ? audience.zone === zone : audience.zone !== zone);
}

/** The zone that a resource of the global came from; "" when it is the global's own. */
export function originOf(resource: Pick<ResourceInput, "labels">): string {
  return resource.labels[labelNames.origin] === "zone" ? (resource.labels[labelNames.zone] ?? "") : "";
}

/**
 * What the zones get of a resource of the global, or undefined when they do not get it (reference: multizone.md section 3). Whether
 * its zone is enabled is not decided here.
 */
export function copyForZones(
  resource: ResourceInput & { readonly creationTime?: string },
  options: ToZoneOptions,
): ZoneCopy | undefined {
  const sent = sentToZones(resource, options);
  const entry = sent && encodeEntry(sent.copy, resource.creationTime);
  return entry && { key: keyText(sent.copy), entry, audience: sent.audience };
}

/** As `copyForZones`, before it is encoded. */
export function sentToZones(
  resource: ResourceInput,
  options: ToZoneOptions,
): { readonly copy: ResourceInput; readonly audience: Audience } | undefined {
  const kind = options.kinds.get(resource.kind);
  if (!kind || resource.labels[kdsSyncLabel] === "disabled") return undefined;
  const zone = originOf(resource);
  if (zone === "" ? !kind.sync.globalToZone : !goesToOtherZones(kind, resource)) return undefined;
  const publishable = resource.kind === "GlobalSecret" ? publishableSecret(resource, options) : resource;
  if (!publishable) return undefined;
  const copy = relabelled(publishable, kind, zone);
  return { copy, audience: zone === "" ? everyZone : audienceOf(copy, kind, zone) };
}

/** `disabled` keeps a resource at home. */
export const kdsSyncLabel = "kuma.io/kds-sync";

/** Of policies, only those that their author meant for the clients of a service (`kuma.io/policy-role: producer`). */
function goesToOtherZones(kind: KindDefinition, resource: ResourceInput): boolean {
  if (!kind.sync.zoneToZone) return false;
  return kind.category !== "policy" || resource.labels[labelNames.policyRole] === "producer";
}

function relabelled(resource: ResourceInput, kind: KindDefinition, zone: string): ResourceInput {
  const { labels, mesh, spec } = resource;
  const displayName = labels[labelNames.displayName] ?? resource.name;
  const namespace = labels[labelNames.namespace];
  // What came from a zone got its name there; a label that users can write must not make two of the global's own collide.
  const keepsName = zone !== "" || kind.sync.keepsName;
  const name = keepsName ? resource.name : syncedName(namespace ? displayName : resource.name, mesh, undefined, namespace);
  // The status belongs to the receiver: each zone allocates its own addresses.
  return {
    kind: resource.kind,
    mesh,
    name,
    labels: { ...labels, [labelNames.origin]: "global", [labelNames.displayName]: displayName },
    spec,
  };
}

/** A producer policy for the proxies of one zone goes to that zone alone. */
function audienceOf(resource: ResourceInput, kind: KindDefinition, zone: string): Audience {
  const target = (resource.spec as { readonly targetRef?: { readonly kind?: string; readonly tags?: Record<string, string> } })
    ?.targetRef;
  const targetZone = target?.kind === "MeshSubset" ? target.tags?.[tagNames.zone] : undefined;
  if (kind.category === "policy" && targetZone !== undefined && targetZone !== zone) return { to: "only", zone: targetZone };
  return { to: "except", zone };
}

const neverSent = /^(admin-user-token|user-token-signing-key.*|user-token-revocations|envoy-admin-ca|inter-cp-ca)$/;
const zoneSigningKey = /^zone-token-signing-key-(.+)$/;

/** Zones check zone tokens and never make them, so they get the public half of that key and none of the others. */
function publishableSecret(secret: ResourceInput, options: ToZoneOptions): ResourceInput | undefined {
  if (neverSent.test(secret.name)) return undefined;
  const keyNumber = zoneSigningKey.exec(secret.name)?.[1];
  if (keyNumber === undefined) return secret;
  const data = (secret.spec as { readonly data?: unknown } | null)?.data;
  const publicKey = typeof data === "string" ? publicHalf(data, options) : undefined;
  if (publicKey === undefined) return undefined;
  const { [labelNames.displayName]: _, ...labels } = secret.labels;
  return { ...secret, name: `zone-token-signing-public-key-${keyNumber}`, labels, spec: { data: publicKey } };
}

/** A signing key that cannot be read must not stop everything else from being sent. */
function publicHalf(data: string, options: ToZoneOptions): string | undefined {
  try {
    return options.publicKeyOf?.(data);
  } catch {
    return undefined;
  }
}
