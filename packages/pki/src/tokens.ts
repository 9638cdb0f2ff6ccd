import { createPublicKey, type KeyObject, randomUUID } from "node:crypto";
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";
import { PkiError } from "./errors.ts";
import { readPrivateKey } from "./keys.ts";

export type Claims = Readonly<Record<string, unknown>>;

export interface SignTokenOptions {
  /** PEM RSA private key. */
  readonly key: string;
  /** Number of the signing key, as text. */
  readonly kid: string;
  readonly claims: Claims;
  readonly validForMs: number;
  readonly now: Date;
}

/** A token issued now is valid on a machine whose clock is a little behind (rest-api.md section 6). */
const backdateSeconds = 5;

/** Signs a token: RS256, with `exp`, `nbf`, `iat` and a random `jti` by which it can be revoked. @throws PkiError on a bad key. */
export async function signToken({ key, kid, claims, validForMs, now }: SignTokenOptions): Promise<string> {
  const privateKey = readPrivateKey(key);
  if (privateKey.asymmetricKeyType !== "rsa") throw new PkiError("tokens are signed with an RSA key");
  const seconds = Math.floor(now.getTime() / 1000);
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: "RS256", kid, typ: "JWT" })
    .setExpirationTime(seconds + Math.floor(validForMs / 1000))
    .setNotBefore(seconds - backdateSeconds)
    .setIssuedAt(seconds - backdateSeconds)
    .setJti(randomUUID())
    .sign(privateKey);
}

export interface VerificationKeys {
  /** Public keys (PEM) by key id. */
  readonly keys: ReadonlyMap<string, string>;
  /** `jti` of tokens that are no longer good. */
  readonly revoked: ReadonlySet<string>;
}

export type TokenVerification =
  | { readonly ok: true; readonly claims: Claims; readonly kid: string }
  | { readonly ok: false; readonly reason: string };

/** Checks signature, time and revocation. A reason is made for the token's user and never repeats the token. */
export async function verifyToken(token: string, options: VerificationKeys & { readonly now: Date }): Promise<TokenVerification> {
  const kid = keyIdOf(token);
  if (kid === undefined) return refuse("the token is not a JWT");
  const key = publicKeyOf(options.keys, kid);
  if (key === undefined) return refuse(unknownKeyReason(kid, options.keys));
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ["RS256"], currentDate: options.now });
    if (typeof payload.jti === "string" && options.revoked.has(payload.jti)) {
      return refuse(`the token is revoked (id ${payload.jti})`);
    }
    return { ok: true, claims: payload, kid };
  } catch (error) {
    return refuse(reasonOf(error, options.now));
  }
}

function refuse(reason: string): TokenVerification {
  return { ok: false, reason };
}

/** A token without a key id was signed with the secret without a number: id 0 (dataplane-protocol.md section 14). */
function keyIdOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid ?? "0";
  } catch {
    return undefined;
  }
}

/** Parsed keys, kept as long as the map that they came in. */
const parsedKeys = new WeakMap<ReadonlyMap<string, string>, Map<string, KeyObject>>();

function publicKeyOf(keys: ReadonlyMap<string, string>, kid: string): KeyObject | undefined {
  const parsed = parsedKeys.get(keys) ?? new Map<string, KeyObject>();
  parsedKeys.set(keys, parsed);
  const pem = keys.get(kid);
  const known = parsed.get(kid);
  if (pem === undefined || known) return known;
  const key = createPublicKey(pem);
  parsed.set(kid, key);
  return key;
}

function unknownKeyReason(kid: string, keys: ReadonlyMap<string, string>): string {
  const known = [...keys.keys()].sort().join(", ");
  return `the token was signed with the unknown signing key ${JSON.stringify(kid)} (known: ${known || "none"})`;
}

function reasonOf(error: unknown, now: Date): string {
  if (error instanceof errors.JWTExpired) return `the token has expired since ${timeText(error.payload.exp)}`;
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf") {
    const from = timeText(error.payload.nbf);
    return `the token is not yet valid: it starts at ${from} and it is ${timeText(now.getTime() / 1000)} here; check the clocks`;
  }
  if (error instanceof errors.JWTClaimValidationFailed) return `the token's claim ${error.claim} is not valid`;
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return "the token has a bad signature: it was made by another control plane or changed";
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token is not signed with RS256";
  return "the token is not a JWT";
}

function timeText(seconds: number | undefined): string {
  const milliseconds = (seconds ?? Number.NaN) * 1000;
  return Math.abs(milliseconds) <= 8.64e15 ? `${new Date(milliseconds).toISOString().slice(0, 19)}Z` : "an impossible time";
}
