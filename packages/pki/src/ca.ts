import { X509Certificate as NodeCertificate } from "node:crypto";
import { errorMessage } from "@meridian/base";
import {
  basicConstraints,
  buildCertificate,
  distinguishedName,
  keyIdentifier,
  keyUsage,
  newSerial,
  signerOf,
  subjectAltNames,
  subjectKeyIdentifier,
} from "./certificate.ts";
import { newKeyPair, readPrivateKey } from "./keys.ts";
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, X509Certificate } from "./x509.ts";

/** A certificate with its key, both PEM. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface CaOptions {
  readonly commonName: string;
  /** `spiffe://<mesh>` */
  readonly spiffeId: string;
  readonly organization?: string;
  readonly organizationalUnit?: string;
  /** Absent: ECDSA P-256. */
  readonly rsaBits?: number;
  readonly validForMs: number;
  readonly now: Date;
}

/** Clocks of other machines may be a little behind (dataplane-protocol.md section 15). */
export const backdateMs = 10_000;

/** A new self-signed CA of a mesh. */
export async function generateCa(options: CaOptions): Promise<KeyPair> {
  const pair = await newKeyPair(options.rsaBits);
  const name = distinguishedName(options);
  const certPem = buildCertificate({
    serial: newSerial(),
    issuer: name,
    subject: name,
    notBefore: new Date(options.now.getTime() - backdateMs),
    notAfter: new Date(options.now.getTime() + options.validForMs),
    spki: pair.spki,
    extensions: [
      keyUsage("keyCertSign", "crlSign"),
      basicConstraints(true),
      subjectKeyIdentifier(keyIdentifier(pair.spki)),
      subjectAltNames({ uris: [options.spiffeId] }, false),
    ],
    signer: signerOf(readPrivateKey(pair.privatePem)),
  });
  return { certPem, keyPem: pair.privatePem };
}

/** What is wrong with a CA that a user provides; nothing when it can sign a mesh's certificates. The first certificate counts. */
export function inspectCa(certPem: string, keyPem: string, now: Date): readonly string[] {
  const certificate = readCertificate(certPem);
  const key = attempt(() => readPrivateKey(keyPem));
  if (!certificate) return ["the certificate is not a PEM certificate", ...key.problems];
  const problems = [...key.problems, ...certificateProblems(certificate, now)];
  if (key.value && !new NodeCertificate(certPem).checkPrivateKey(key.value))
    problems.push("the key does not belong to the certificate");
  return problems;
}

function certificateProblems(certificate: X509Certificate, now: Date): readonly string[] {
  const problems: string[] = [];
  if (!certificate.getExtension(BasicConstraintsExtension)?.ca)
    problems.push("the certificate is not a CA (basic constraint CA:TRUE is missing)");
  const usages = certificate.getExtension(KeyUsagesExtension)?.usages ?? 0;
  if ((usages & KeyUsageFlags.keyCertSign) === 0) problems.push("the certificate lacks the key usage keyCertSign");
  if ((usages & KeyUsageFlags.keyAgreement) !== 0) problems.push("the certificate must not have the key usage keyAgreement");
  if (certificate.notAfter < now) problems.push(`the certificate has expired at ${certificate.notAfter.toISOString()}`);
  if (certificate.notBefore > now) {
    problems.push(`the certificate is not valid before ${certificate.notBefore.toISOString()}; check the clock of this machine`);
  }
  return problems;
}

/** The first certificate of a PEM text; absent when there is none. */
export function readCertificate(pem: string): X509Certificate | undefined {
  const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(pem)?.[0];
  return block === undefined ? undefined : attempt(() => new X509Certificate(block)).value;
}

function attempt<T>(read: () => T): { readonly value?: T; readonly problems: readonly string[] } {
  try {
    return { value: read(), problems: [] };
  } catch (error) {
    return { problems: [errorMessage(error)] };
  }
}
