import { createHash, X509Certificate } from "node:crypto";

/** Every certificate in a PEM text that is one; what is none is left out. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

/** SHA-256 of a certificate, hex: public, as the certificate is. */
export function caDigest(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(":", "").toLowerCase();
}

/** Names one CA of one trust domain of a mesh, wherever it is told of: 32 hex digits. */
export function trustDigest(mesh: string, trustDomain: string, ca: string): string {
  return createHash("sha256").update([mesh, trustDomain, ca].join("\0")).digest("hex").slice(0, 32);
}
