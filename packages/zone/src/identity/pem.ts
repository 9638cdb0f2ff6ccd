import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const keyBlock = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[^-]*-----END (?:[A-Z]+ )?PRIVATE KEY-----/;

/** The certificates in a text, in their order; none as soon as one of them is broken. */
export function certificatesIn(pem: string): readonly string[] {
  const blocks = pem.match(certificateBlock) ?? [];
  try {
    for (const block of blocks) new X509Certificate(block);
    return blocks;
  } catch {
    return [];
  }
}

/** The first private key in a text; undefined without one. */
export function privateKeyIn(pem: string): string | undefined {
  return keyBlock.exec(pem)?.[0];
}

/** Undefined where the text is no PEM key: what is wrong with it would tell of it. */
export function readPrivateKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** Whether a key belongs to a certificate. */
export function belongsTo(key: KeyObject, certificate: string): boolean {
  return new X509Certificate(certificate).checkPrivateKey(key);
}
