/**
 * Digest of a set of entries: the sum of their hashes modulo 2^128. It does not depend on order, and one entry more or less is one
 * addition or subtraction, so both sides keep it up to date at no cost. It finds differences that faults cause; it is not a
 * defence against a peer that wants a collision (that peer holds a valid token and could lie anyway).
 */
export type Digest = bigint;

export const emptyDigest: Digest = 0n;

export function addTo(digest: Digest, hash: Digest): Digest {
  return BigInt.asUintN(128, digest + hash);
}

export function removeFrom(digest: Digest, hash: Digest): Digest {
  return BigInt.asUintN(128, digest - hash);
}

/** 32 hexadecimal digits. */
export function digestText(digest: Digest): string {
  return digest.toString(16).padStart(32, "0");
}
