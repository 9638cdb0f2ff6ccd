import type {
  DataplaneSpec,
  MeshIdentitySpec,
  MeshServiceSpec,
  MeshSpec,
  MeshTrustSpec,
  Resource,
  ResourceInput,
  ZoneIngressSpec,
} from "@meridian/model";
import {
  type Condition,
  isReady,
  type MeshIdentity,
  type MeshIdentityStatus,
  makesMeshServices,
  readMeshIdentity,
  servicesNotListing,
} from "@meridian/services";
import type { ResourceReader } from "@meridian/store";
import { caDigest, trustDigest } from "../identity/ca-digest.ts";
import { isFalse, isTrue } from "./conditions.ts";
import { wantedTrust } from "./generated-trust.ts";
import { type FoundCa, findCa, type IdentityCaDeps } from "./identity-ca.ts";
import { casOf, zonesWithout } from "./zone-trust.ts";

export interface IdentityWorld extends Pick<IdentityCaDeps, "writer" | "environment" | "now"> {
  readonly store: Pick<ResourceReader, "get" | "list">;
  readonly zone: string;
  readonly trusts: readonly Resource<MeshTrustSpec>[];
  readonly ingresses: readonly Resource<ZoneIngressSpec>[];
  /** CAs that all proxies of this zone believe (`trustDigest`). */
  readonly believed: ReadonlySet<string>;
}

/** Where a MeshIdentity stands in this zone, and what is to be done about it. */
export interface IdentityVerdict {
  readonly status: MeshIdentityStatus;
  /** To be written before anything else can happen. */
  readonly trust?: ResourceInput<MeshTrustSpec>;
  /** It may be ready as soon as proxies or MeshServices have caught up. */
  readonly isWaiting: boolean;
}

/** A broken MeshIdentity costs nobody anything: its status says what is wrong, and proxies stay who they are. */
export async function judgeIdentity(resource: Resource<MeshIdentitySpec>, world: IdentityWorld): Promise<IdentityVerdict> {
  const mesh = await world.store.get<MeshSpec>({ kind: "Mesh", mesh: "", name: resource.mesh });
  const identity = readMeshIdentity(resource, world.zone);
  const dependencies = makesMeshServices(mesh?.spec)
    ? isTrue("DependenciesReady", "MeshServicesEnabled")
    : isFalse("DependenciesReady", "MeshServicesDisabled", "clients know servers by their MeshServices: set meshServices.mode");
  const ids = spiffeIdCondition(identity);
  const before = [dependencies, ids];
  if (dependencies.status === "False" || !("ok" in identity.trustDomain)) return stopped(resource, before);
  const { type } = resource.spec.provider ?? {};
  if (type === "Spire") return judgeSpire(identity, [...before, isTrue("Provider", "SpireAgent")], world);
  if (type !== "Bundled") {
    return stopped(resource, [...before, isFalse("Provider", "Unsupported", "use the provider Bundled or Spire")]);
  }
  const ca = await findCa(resource, identity.trustDomain.ok, world);
  if ("problem" in ca) return stopped(resource, [...before, isFalse("Provider", "ProviderError", ca.problem)]);
  return judgeBundled({ identity, trustDomain: identity.trustDomain.ok, ca }, [...before, isTrue("Provider", "Bundled")], world);
}

function spiffeIdCondition({ trustDomain, paths }: MeshIdentity): Condition {
  for (const template of [trustDomain, paths.universal, paths.kubernetes]) {
    if ("problem" in template) return isFalse("SpiffeIDProvider", "TemplateError", template.problem);
  }
  return isTrue("SpiffeIDProvider", "SpiffeIDProviderReady");
}

/** What proxies show already they go on to show: what made it possible can be away for a while. */
function stopped(resource: Resource<MeshIdentitySpec>, conditions: readonly Condition[]): IdentityVerdict {
  const ready = isReady(resource)
    ? isTrue("Ready", "InUse", "proxies go on with what they have")
    : isFalse("Ready", "NotReady", "see the other conditions");
  return { status: { ...kept(resource), conditions: [...conditions, ready] }, isWaiting: false };
}

async function judgeSpire(
  { resource, ...identity }: MeshIdentity,
  conditions: readonly Condition[],
  world: IdentityWorld,
): Promise<IdentityVerdict> {
  const waits = isReady(resource) ? undefined : await unlisted({ ...identity, resource }, world);
  const ready = waits ? isFalse("Ready", "Waiting", waits) : isTrue("Ready", "AllReady");
  return { status: { conditions: [...conditions, ready] }, isWaiting: waits !== undefined };
}

interface BundledIdentity {
  readonly identity: MeshIdentity;
  readonly trustDomain: string;
  readonly ca: Exclude<FoundCa, { readonly problem: string }>;
}

/** Ids first, then trust: a zone that has the MeshTrust has the ids, too, for it hears of both in this order. */
async function judgeBundled(
  { identity, trustDomain, ca }: BundledIdentity,
  conditions: readonly Condition[],
  world: IdentityWorld,
): Promise<IdentityVerdict> {
  const { resource } = identity;
  const { mesh, name } = resource;
  const digest = caDigest(ca.certificate);
  const { trustedCa } = kept(resource);
  if (isReady(resource) && trustedCa === digest) {
    const trust = [isTrue("MeshTrustCreated", "TrustInUse"), isTrue("Ready", "AllReady")];
    return { status: { conditions: [...conditions, ...trust], trustedCa }, isWaiting: false };
  }
  const waiting = (created: Condition, message: string, put?: ResourceInput<MeshTrustSpec>): IdentityVerdict => {
    const ready = isReady(resource) ? isTrue("Ready", "NewCaWaits", message) : isFalse("Ready", "Waiting", message);
    return {
      status: { ...kept(resource), conditions: [...conditions, created, ready] },
      ...(put && { trust: put }),
      isWaiting: true,
    };
  };
  const waits = await unlisted(identity, world);
  if (waits) return waiting(isFalse("MeshTrustCreated", "Waiting", waits), waits);
  const isWanted = resource.spec.provider?.bundled?.meshTrustCreation !== "Disabled";
  const stored = world.trusts.find((trust) => trust.mesh === mesh && trust.name === name);
  const { zone, now } = world;
  const wanted = isWanted
    ? wantedTrust({ identity: resource, trustDomain, ca: ca.certificate, zone, stored, now: now() })
    : ("as it is" as const);
  const created = trustCondition(isWanted, wanted === "taken", name);
  if (typeof wanted === "object") return waiting(created, "its MeshTrust is being written", wanted.put);
  const named = trustDigest(mesh, trustDomain, digest);
  if (!world.trusts.some((trust) => casOf(trust).includes(named))) {
    return waiting(created, `no MeshTrust holds its CA for the trust domain ${trustDomain}`);
  }
  if (!world.believed.has(named)) return waiting(created, "not all proxies of this zone believe its CA yet");
  const zones = zonesWithout(named, world.ingresses);
  if (zones.length > 0) return waiting(created, `not all proxies believe its CA yet in zones: ${zones.join(", ")}`);
  return { status: { conditions: [...conditions, created, isTrue("Ready", "AllReady")], trustedCa: digest }, isWaiting: false };
}

function trustCondition(isWanted: boolean, isTaken: boolean, name: string): Condition {
  if (!isWanted) return isFalse("MeshTrustCreated", "MeshTrustCreationDisabled", "a MeshTrust has to be written by hand");
  if (!isTaken) return isTrue("MeshTrustCreated", "MeshTrustCreated");
  return isFalse("MeshTrustCreated", "NameTaken", `there is a MeshTrust ${name} that was not made of it: rename or delete that`);
}

/** Why clients could not know their servers yet; undefined: they can. */
async function unlisted(identity: MeshIdentity, { store }: IdentityWorld): Promise<string | undefined> {
  const { mesh } = identity.resource;
  const dataplanes = await store.list<DataplaneSpec>("Dataplane", { mesh });
  const services = await store.list<MeshServiceSpec>("MeshService", { mesh });
  const [first, ...others] = servicesNotListing(identity, dataplanes, services);
  if (first === undefined) return undefined;
  return `MeshServices do not list its ids yet: ${first}${others.length > 0 ? ` and ${others.length} more` : ""}`;
}

function kept({ status }: Resource): Pick<MeshIdentityStatus, "trustedCa"> {
  const { trustedCa } = (status ?? {}) as Partial<MeshIdentityStatus>;
  return trustedCa === undefined ? {} : { trustedCa };
}
