import { secretText } from "@meridian/admission";
import type { SecretSpec } from "@meridian/model";
import { type Claims, type DataplaneTokenOptions, dataplaneClaims, signToken, zoneClaims } from "@meridian/pki";
import type { TestZone } from "./zone.ts";

export interface TokenTimes {
  readonly now?: Date;
  readonly validForMs?: number;
}

/** A token signed with the key of `mesh`, whatever mesh it is for. */
export function dataplaneToken(
  zone: TestZone,
  options: DataplaneTokenOptions & TokenTimes & { readonly signedBy?: string },
): Promise<string> {
  const { signedBy = options.mesh, now, validForMs, ...claims } = options;
  return sign(
    zone,
    { kind: "Secret", mesh: signedBy, name: `dataplane-token-signing-key-${signedBy}-1` },
    dataplaneClaims(claims),
    {
      ...(now && { now }),
      ...(validForMs !== undefined && { validForMs }),
    },
  );
}

export function zoneToken(
  zone: TestZone,
  options: { readonly zone: string; readonly scope: readonly string[] },
): Promise<string> {
  return sign(zone, { kind: "GlobalSecret", mesh: "", name: "zone-token-signing-key-1" }, zoneClaims(options));
}

/** The id by which a token can be revoked. */
export function idOf(token: string): string {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")).jti;
}

async function sign(
  zone: TestZone,
  key: { readonly kind: string; readonly mesh: string; readonly name: string },
  claims: Claims,
  { now = new Date(), validForMs = 3_600_000 }: TokenTimes = {},
): Promise<string> {
  const secret = await zone.store.get<SecretSpec>(key);
  if (!secret) throw new Error(`no signing key ${key.name}`);
  return signToken({ key: secretText(secret.spec), kid: "1", claims, validForMs, now });
}
