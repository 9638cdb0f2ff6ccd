import { createHash } from "node:crypto";
import { type Claims, type TokenVerification, type VerificationKeys, verifyToken } from "@meridian/pki";

interface Verified {
  /** The keys that it was verified with: other keys, another answer. */
  readonly keys: VerificationKeys;
  readonly claims: Claims;
  readonly kid: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

const keptTokens = 4_096;

/**
 * A proxy sends its token with its bootstrap request and again with its stream, and after every reconnect. A signature that was
 * good stays good until the token expires or the keys or revocations change, so it is checked once. Only hashes are kept.
 */
export class VerifiedTokens {
  readonly #known = new Map<string, Verified>();

  async verify(token: string, keys: VerificationKeys, nowMs: number): Promise<TokenVerification> {
    const id = createHash("sha256").update(token).digest("base64");
    const known = this.#known.get(id);
    if (known && known.keys === keys && nowMs < known.expiresAtMs) return { ok: true, claims: known.claims, kid: known.kid };
    const verdict = await verifyToken(token, { ...keys, now: new Date(nowMs) });
    this.#known.delete(id);
    const expirySeconds = verdict.ok ? verdict.claims["exp"] : undefined;
    if (verdict.ok && typeof expirySeconds === "number") this.#keep(id, { ...verdict, keys, expiresAtMs: expirySeconds * 1000 });
    return verdict;
  }

  #keep(id: string, verified: Verified): void {
    this.#known.set(id, verified);
    if (this.#known.size > keptTokens) this.#known.delete(this.#known.keys().next().value ?? "");
  }
}
