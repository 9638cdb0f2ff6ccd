import { backdateMs, type KeyPair } from "./ca.ts";
import {
  basicConstraints,
  buildCertificate,
  distinguishedName,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  newSerial,
  signerOf,
  subjectAltNames,
  subjectKeyIdentifier,
} from "./certificate.ts";
import { PkiError } from "./errors.ts";
import { newKeyPair, readPrivateKey } from "./keys.ts";

export interface ServerCertificateOptions {
  /** DNS names and IP addresses by which the server is called. */
  readonly hosts: readonly string[];
  readonly validForMs: number;
  readonly now: Date;
}

/**
 * A self-signed certificate for a control plane's TLS ports. Data planes get it as their CA, so it has CA:TRUE
 * (dataplane-protocol.md section 1: a certificate without is refused).
 */
export async function generateServerCertificate({ hosts, validForMs, now }: ServerCertificateOptions): Promise<KeyPair> {
  const [commonName] = hosts;
  if (commonName === undefined) throw new PkiError("a server certificate needs at least one host");
  const pair = await newKeyPair();
  const name = distinguishedName({ organization: "Meridian", commonName: commonName.slice(0, 64) });
  const certPem = buildCertificate({
    serial: newSerial(),
    issuer: name,
    subject: name,
    notBefore: new Date(now.getTime() - backdateMs),
    notAfter: new Date(now.getTime() + validForMs),
    spki: pair.spki,
    extensions: [
      keyUsage("digitalSignature", "keyEncipherment", "keyCertSign"),
      extendedKeyUsage("serverAuth"),
      basicConstraints(true),
      subjectKeyIdentifier(keyIdentifier(pair.spki)),
      subjectAltNames({ hosts }, false),
    ],
    signer: signerOf(readPrivateKey(pair.privatePem)),
  });
  return { certPem, keyPem: pair.privatePem };
}
