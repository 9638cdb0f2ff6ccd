import { backdateMs, type KeyPair, readCertificate } from "./ca.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  buildCertificate,
  distinguishedName,
  extendedKeyUsage,
  keyUsage,
  newSerial,
  signerOf,
  subjectAltNames,
} from "./certificate.ts";
import { PkiError } from "./errors.ts";
import { newKeyPair, readPrivateKey } from "./keys.ts";
import { SubjectKeyIdentifierExtension } from "./x509.ts";

export interface LeafOptions {
  /** URI names in this order: `spiffe://<mesh>/<service>` of each service, then `kuma://<tag>/<value>` of each tag. */
  readonly uris: readonly string[];
  readonly validForMs: number;
  readonly now: Date;
}

export interface Leaf extends KeyPair {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Hex. */
  readonly serial: string;
}

export interface LeafIssuer {
  /** A certificate with a key of its own. @throws PkiError for a URI that a certificate cannot hold. */
  issue(options: LeafOptions): Promise<Leaf>;
}

/**
 * Issues the certificates of a mesh's proxies: empty subject, identity in URI names (dataplane-protocol.md section 15). The CA is
 * read once; RSA and ECDSA keys of any PEM form will do.
 * @throws PkiError when certificate or key cannot be read; `inspectCa` says more.
 */
export function createLeafIssuer(ca: KeyPair): LeafIssuer {
  const certificate = readCertificate(ca.certPem);
  if (!certificate) throw new PkiError("the CA certificate is not a PEM certificate");
  const signer = signerOf(readPrivateKey(ca.keyPem));
  const issuer = Buffer.from(certificate.subjectName.toArrayBuffer());
  const issuerKeyId = certificate.getExtension(SubjectKeyIdentifierExtension)?.keyId;
  const fixedExtensions = [
    keyUsage("digitalSignature", "keyEncipherment", "keyAgreement"),
    extendedKeyUsage("serverAuth", "clientAuth"),
    basicConstraints(false),
    ...(issuerKeyId === undefined ? [] : [authorityKeyIdentifier(Buffer.from(issuerKeyId, "hex"))]),
  ];

  async function issue({ uris, validForMs, now }: LeafOptions): Promise<Leaf> {
    if (uris.length === 0) throw new PkiError("a certificate needs at least one URI name");
    const alternativeNames = subjectAltNames({ uris }, true);
    const pair = await newKeyPair();
    const serial = newSerial();
    // Certificates hold whole seconds; what we report must be what they say.
    const notBefore = wholeSeconds(now.getTime() - backdateMs);
    const notAfter = wholeSeconds(now.getTime() + validForMs);
    const certPem = buildCertificate({
      serial,
      issuer,
      subject: emptyName,
      notBefore,
      notAfter,
      spki: pair.spki,
      extensions: [...fixedExtensions, alternativeNames],
      signer,
    });
    return { certPem, keyPem: pair.privatePem, notBefore, notAfter, serial: serial.toString("hex") };
  }
  return { issue };
}

const emptyName = distinguishedName({});

function wholeSeconds(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}
