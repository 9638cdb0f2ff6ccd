import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { PkiError } from "./errors.ts";

const generate = promisify(generateKeyPair);

/** A new key pair in the forms that certificates need. */
export interface NewKeyPair {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  /** PKCS#8. */
  readonly privatePem: string;
}

const publicKeyEncoding = { type: "spki", format: "der" } as const;
const privateKeyEncoding = { type: "pkcs8", format: "pem" } as const;

/** Made on libuv's thread pool: RSA takes 100 ms and more. @param rsaBits absent: ECDSA P-256. */
export async function newKeyPair(rsaBits?: number): Promise<NewKeyPair> {
  if (rsaBits === undefined) {
    const { publicKey, privateKey } = await generate("ec", { namedCurve: "P-256", publicKeyEncoding, privateKeyEncoding });
    return { spki: publicKey, privatePem: privateKey };
  }
  const { publicKey, privateKey } = await generate("rsa", { modulusLength: rsaBits, publicKeyEncoding, privateKeyEncoding });
  return { spki: publicKey, privatePem: privateKey };
}

/** A new RSA 2048 key that signs tokens: PEM `RSA PRIVATE KEY`, as the peer keeps it in its secrets (rest-api.md section 6). */
export async function generateSigningKey(): Promise<string> {
  const { privateKey } = await generate("rsa", {
    modulusLength: 2048,
    publicKeyEncoding,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  return privateKey;
}

/** PEM of the public half (SubjectPublicKeyInfo). @throws PkiError when `pem` is neither a private nor a public key. */
export function publicKeyPem(pem: string): string {
  try {
    return createPublicKey(pem).export({ type: "spki", format: "pem" }).toString();
  } catch {
    throw new PkiError("not a PEM private or public key");
  }
}

/** Reads PKCS#1, SEC1 or PKCS#8. @throws PkiError when it is none of these, is encrypted, or is neither RSA nor ECDSA. */
export function readPrivateKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new PkiError("the key is not an unencrypted PEM private key (PKCS#1, SEC1 or PKCS#8)");
  }
  if (key.asymmetricKeyType !== "rsa" && key.asymmetricKeyType !== "ec") {
    throw new PkiError(`the key is ${key.asymmetricKeyType}; Envoy takes RSA and ECDSA`);
  }
  return key;
}
