import type { Clock } from "@meridian/base";
import {
  type DataplaneSpec,
  labelNames,
  type MeshIdentitySpec,
  type Resource,
  type ResourceInput,
  type SecretSpec,
} from "@meridian/model";
import { type Claims, checkDataplaneToken, checkZoneToken, type VerificationKeys } from "@meridian/pki";
import { isNamedByWorkload, readMeshIdentity } from "@meridian/services";
import type { ResourceReader } from "@meridian/store";
import type { ProxyKind } from "../proxies/proxy-description.ts";
import { allTags } from "./tags.ts";
import { verificationKeys } from "./verification-keys.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

export interface ProxyAuthenticatorOptions {
  readonly store: ResourceReader;
  readonly clock: Clock;
  readonly zone: string;
  /** `none` trusts whoever reaches the port: for tests and closed networks. */
  readonly mode: "token" | "none";
}

export interface ProxyClaim {
  readonly kind: ProxyKind;
  readonly mesh: string;
  readonly name: string;
  /** What the proxy says it is. */
  readonly brought?: ResourceInput | undefined;
  /** What is stored under that name already: the token must be good for both. */
  readonly stored?: Resource | undefined;
  readonly token: string | undefined;
}

/** Decides whether a token lets a proxy be what it claims to be (reference: dataplane-protocol.md section 14). */
export class ProxyAuthenticator {
  readonly #options: ProxyAuthenticatorOptions;
  /** By mesh ("" for zone tokens); dropped whenever a Secret changes. */
  readonly #keys = new Map<string, Promise<VerificationKeys>>();
  readonly #verified = new VerifiedTokens();

  constructor(options: ProxyAuthenticatorOptions) {
    this.#options = options;
  }

  /** A Secret or GlobalSecret changed: signing keys and revocations are read again. */
  forgetKeys(): void {
    this.#keys.clear();
  }

  /** Returns the reason of a refusal, in words for the proxy's operator; undefined when the token is good. */
  async refusal(claim: ProxyClaim): Promise<string | undefined> {
    if (this.#options.mode === "none") return undefined;
    if (!claim.token) return this.#missing(claim);
    const keys = await this.#keysOf(claim.kind === "Dataplane" ? claim.mesh : "");
    const verdict = await this.#verified.verify(claim.token, keys, this.#options.clock.now());
    if (!verdict.ok) return verdict.reason;
    if (claim.kind === "Dataplane") return dataplaneRefusal(claim, verdict.claims) ?? this.#unboundRefusal(claim, verdict.claims);
    return checkZoneToken(verdict.claims, {
      zone: this.#options.zone,
      scope: claim.kind === "ZoneIngress" ? "ingress" : "egress",
    });
  }

  /** A SPIFFE id must not follow from a label that whoever holds the token may choose. */
  async #unboundRefusal({ mesh, brought }: ProxyClaim, claims: Claims): Promise<string | undefined> {
    if (!brought || claims["Workload"]) return undefined;
    const identities = await this.#options.store.list<MeshIdentitySpec>("MeshIdentity", { mesh });
    const naming = identities.find((identity) =>
      isNamedByWorkload(readMeshIdentity(identity, this.#options.zone), brought.labels),
    );
    if (!naming) return undefined;
    const workload = brought.labels[labelNames.workload] ?? "";
    const command = `meridian generate dataplane-token --mesh ${mesh} --workload ${workload} --valid-for 24h`;
    return `MeshIdentity ${naming.name} makes the SPIFFE id of the label ${labelNames.workload}, and the token is not bound to it: ${command}`;
  }

  #missing({ kind, mesh, name }: ProxyClaim): string {
    const { zone } = this.#options;
    const scope = kind === "ZoneIngress" ? "ingress" : "egress";
    const command =
      kind === "Dataplane" ? `dataplane-token --mesh ${mesh} --name ${name}` : `zone-token --zone ${zone} --scope ${scope}`;
    return `no token was sent; make one with: meridian generate ${command} --valid-for 24h`;
  }

  #keysOf(mesh: string): Promise<VerificationKeys> {
    const known = this.#keys.get(mesh);
    if (known) return known;
    const loading = mesh ? this.#dataplaneKeys(mesh) : this.#zoneKeys();
    this.#keys.set(mesh, loading);
    loading.catch(() => {
      if (this.#keys.get(mesh) === loading) this.#keys.delete(mesh);
    });
    return loading;
  }

  async #dataplaneKeys(mesh: string): Promise<VerificationKeys> {
    const secrets = await this.#options.store.list<SecretSpec>("Secret", { mesh, namePart: "dataplane-token-" });
    return verificationKeys(secrets, `dataplane-token-signing-key-${mesh}`, `dataplane-token-revocations-${mesh}`);
  }

  /** A zone with a global holds public keys only; a zone of its own holds the signing keys. */
  async #zoneKeys(): Promise<VerificationKeys> {
    const secrets = await this.#options.store.list<SecretSpec>("GlobalSecret", { namePart: "zone-token-" });
    const publicKeys = verificationKeys(secrets, "zone-token-signing-public-key", "zone-token-revocations");
    return publicKeys.keys.size > 0 ? publicKeys : verificationKeys(secrets, "zone-token-signing-key", "zone-token-revocations");
  }
}

function dataplaneRefusal({ mesh, name, brought, stored }: ProxyClaim, claims: Claims): string | undefined {
  const check = ({ spec, labels }: ResourceInput): string | undefined =>
    checkDataplaneToken(claims, {
      mesh,
      name,
      type: "dataplane",
      tags: allTags(spec as DataplaneSpec),
      workload: labels[labelNames.workload],
    });
  if (!brought) return stored && check(stored);
  const reason = check(brought);
  if (reason !== undefined || !stored) return reason;
  const ofStored = check(stored);
  return ofStored && `you are trying to override existing proxy to which you don't have an access: ${ofStored}`;
}
