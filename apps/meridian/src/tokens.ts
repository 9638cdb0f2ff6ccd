import type { TokensPort } from "@meridian/api";
import { type Clock, MeridianError } from "@meridian/base";
import type { TokenVerdict } from "@meridian/kds";
import type { Resource, SecretSpec } from "@meridian/model";
import { type Claims, checkZoneToken, dataplaneClaims, signToken, userClaims, verifyToken, zoneClaims } from "@meridian/pki";
import type { ResourceReader } from "@meridian/store";
import { verificationKeys } from "@meridian/zone";

/** Scope of a zone token that lets a zone control plane join; `ingress` and `egress` are for zone proxies. */
const controlPlaneScope = "cp";

interface SigningKeyPlace {
  readonly kind: "Secret" | "GlobalSecret";
  readonly mesh: string;
  /** Secrets are called `<prefix>-<key id>`. */
  readonly prefix: string;
}

const zoneKeys: SigningKeyPlace = { kind: "GlobalSecret", mesh: "", prefix: "zone-token-signing-key" };
const userKeys: SigningKeyPlace = { kind: "GlobalSecret", mesh: "", prefix: "user-token-signing-key" };

/** Tokens signed with, and checked against, the keys that this control plane's store holds. */
export function createTokens(
  store: ResourceReader,
  clock: Clock,
): TokensPort & { checkZone(token: string | undefined, zone: string): Promise<TokenVerdict> } {
  const issue = async (place: SigningKeyPlace, claims: Claims, validForMs: number): Promise<string> => {
    const newest = await newestKey(store, place);
    return signToken({ ...newest, claims, validForMs, now: new Date(clock.now()) });
  };
  const verify = async (place: SigningKeyPlace, revocations: string, token: string): ReturnType<typeof verifyToken> => {
    const secrets = await store.list<SecretSpec>(place.kind, {
      mesh: place.mesh,
      namePart: place.prefix.replace("signing-key", ""),
    });
    return verifyToken(token, { ...verificationKeys(secrets, place.prefix, revocations), now: new Date(clock.now()) });
  };
  return {
    issueDataplaneToken: ({ validForMs, mesh, ...request }) =>
      issue(
        { kind: "Secret", mesh, prefix: `dataplane-token-signing-key-${mesh}` },
        dataplaneClaims({ ...request, mesh }),
        validForMs,
      ),
    issueZoneToken: ({ validForMs, ...request }) => issue(zoneKeys, zoneClaims(request), validForMs),
    issueUserToken: ({ validForMs, ...request }) => issue(userKeys, userClaims(request), validForMs),
    verifyUserToken: async (token) => {
      const verdict = await verify(userKeys, "user-token-revocations", token);
      if (!verdict.ok) return verdict;
      const { Name: name, Groups: groups } = verdict.claims as { readonly Name?: string; readonly Groups?: readonly string[] };
      return { ok: true, user: { name: name ?? "", groups: groups ?? [] } };
    },
    checkZone: async (token, zone) => {
      if (!token)
        return {
          ok: false,
          reason: `zone ${zone} sent no token; make one with: meridian generate zone-token --zone ${zone} --valid-for 24h`,
        };
      const verdict = await verify(zoneKeys, "zone-token-revocations", token);
      if (!verdict.ok) return verdict;
      const reason = checkZoneToken(verdict.claims, { zone, scope: controlPlaneScope });
      return reason ? { ok: false, reason } : { ok: true };
    },
  };
}

/** The key with the highest number signs. @throws MeridianError SIGNING_KEY_NOT_FOUND */
async function newestKey(store: ResourceReader, place: SigningKeyPlace): Promise<{ readonly key: string; readonly kid: string }> {
  const secrets = await store.list<SecretSpec>(place.kind, { mesh: place.mesh, namePart: place.prefix });
  const [newest] = secrets
    .map((secret) => ({ secret, number: keyNumber(secret, place.prefix) }))
    .filter((candidate) => candidate.number !== undefined)
    .sort((a, b) => (b.number ?? 0) - (a.number ?? 0));
  if (!newest?.secret.spec.data) {
    const where = place.mesh ? ` in mesh ${place.mesh}` : "";
    throw new MeridianError("SIGNING_KEY_NOT_FOUND", `there is no ${place.kind} ${place.prefix}-N${where} to sign with`);
  }
  return { key: Buffer.from(newest.secret.spec.data, "base64").toString("utf8"), kid: String(newest.number) };
}

/** Number at the end of `<prefix>-<number>`; 0 for the prefix alone; undefined for another secret. */
function keyNumber(secret: Resource, prefix: string): number | undefined {
  if (secret.name === prefix) return 0;
  const suffix = secret.name.startsWith(`${prefix}-`) ? secret.name.slice(prefix.length + 1) : "";
  return /^\d+$/.test(suffix) ? Number(suffix) : undefined;
}
