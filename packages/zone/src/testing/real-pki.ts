import { createHash } from "node:crypto";
import type { PkiPort } from "@meridian/admission";
import { generateCa, generateSigningKey, inspectCa, signToken } from "@meridian/pki";

/** RSA keys take long to make, so the tests of one file share them: the nth key of every zone is the same. */
const signingKeys: Promise<string>[] = [];

/** The real functions. */
export function realPki(): PkiPort {
  let made = 0;
  return {
    generateCa,
    inspectCa,
    signToken,
    generateSigningKey: () => {
      const index = made++;
      signingKeys[index] ??= generateSigningKey();
      return signingKeys[index];
    },
  };
}

/** Tells certificates apart in messages of failed tests. */
export function fingerprint(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 12);
}
