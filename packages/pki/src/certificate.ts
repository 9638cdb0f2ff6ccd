import { createHash, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP, isIPv4 } from "node:net";
import {
  bitString,
  boolean,
  derNull,
  explicit,
  implicit,
  integer,
  namedBits,
  objectId,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from "./der.ts";
import { PkiError } from "./errors.ts";

/** Bits of the key usage extension (RFC 5280, 4.2.1.3). */
export const keyUsages = { digitalSignature: 0, keyEncipherment: 2, keyAgreement: 4, keyCertSign: 5, crlSign: 6 } as const;

export interface CertificateOptions {
  /** Positive, big-endian: `newSerial`. */
  readonly serial: Uint8Array;
  /** DER names. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly extensions: readonly Uint8Array[];
  readonly signer: Signer;
}

/** A CA's key with what its type decides. */
export interface Signer {
  readonly key: KeyObject;
  readonly hash: "sha256" | "sha384" | "sha512";
  /** AlgorithmIdentifier, DER. */
  readonly algorithm: Uint8Array;
}

/** An X.509 v3 certificate (RFC 5280, 4.1), PEM. */
export function buildCertificate(options: CertificateOptions): string {
  const body = sequence(
    version3,
    integer(options.serial),
    options.signer.algorithm,
    options.issuer,
    sequence(time(options.notBefore), time(options.notAfter)),
    options.subject,
    options.spki,
    explicit(3, sequence(...options.extensions)),
  );
  const signature = sign(options.signer.hash, body, options.signer.key);
  return pem(sequence(body, options.signer.algorithm, bitString(signature)));
}

const version3 = explicit(0, integer(Buffer.from([2])));

/** @throws PkiError for a curve that Envoy does not take. */
export function signerOf(key: KeyObject): Signer {
  if (key.asymmetricKeyType === "rsa") return { key, hash: "sha256", algorithm: rsaWithSha256 };
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const known = ecdsaByCurve.get(curve ?? "");
  if (!known) throw new PkiError(`keys on the curve ${curve ?? "unknown"} cannot sign certificates; use P-256 or RSA`);
  return { key, ...known };
}

const rsaWithSha256 = sequence(objectId("1.2.840.113549.1.1.11"), derNull);
const ecdsaByCurve: ReadonlyMap<string, Omit<Signer, "key">> = new Map([
  ["prime256v1", { hash: "sha256", algorithm: sequence(objectId("1.2.840.10045.4.3.2")) }],
  ["secp384r1", { hash: "sha384", algorithm: sequence(objectId("1.2.840.10045.4.3.3")) }],
  ["secp521r1", { hash: "sha512", algorithm: sequence(objectId("1.2.840.10045.4.3.4")) }],
]);

/** 128 random bits, made positive and without a leading zero byte. */
export function newSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

const attributeIds = { commonName: "2.5.4.3", organization: "2.5.4.10", organizationalUnit: "2.5.4.11" } as const;

/** A distinguished name. Empty without attributes. */
export function distinguishedName(attributes: Partial<Record<keyof typeof attributeIds, string>>): Buffer {
  const parts = (["organization", "organizationalUnit", "commonName"] as const).flatMap((key) => {
    const value = attributes[key];
    return value ? [set(sequence(objectId(attributeIds[key]), utf8String(value)))] : [];
  });
  return sequence(...parts);
}

function extension(id: string, isCritical: boolean, content: Uint8Array): Buffer {
  return sequence(objectId(id), ...(isCritical ? [boolean(true)] : []), octetString(content));
}

/** `isCa` false: an end entity, written as an empty sequence (the default is not encoded). */
export function basicConstraints(isCa: boolean): Buffer {
  return extension("2.5.29.19", true, isCa ? sequence(boolean(true)) : sequence());
}

export function keyUsage(...usages: readonly (keyof typeof keyUsages)[]): Buffer {
  return extension("2.5.29.15", true, namedBits(usages.map((usage) => keyUsages[usage])));
}

const purposes = { serverAuth: "1.3.6.1.5.5.7.3.1", clientAuth: "1.3.6.1.5.5.7.3.2" } as const;

export function extendedKeyUsage(...names: readonly (keyof typeof purposes)[]): Buffer {
  return extension("2.5.29.37", false, sequence(...names.map((name) => objectId(purposes[name]))));
}

/** SHA-1 of the public key: what ties a leaf to one of several CAs of the same name, while a CA is replaced (RFC 5280, 4.2.1.2). */
export function keyIdentifier(spki: Uint8Array): Buffer {
  return createHash("sha1").update(spki).digest();
}

export function subjectKeyIdentifier(identifier: Uint8Array): Buffer {
  return extension("2.5.29.14", false, octetString(identifier));
}

export function authorityKeyIdentifier(identifier: Uint8Array): Buffer {
  return extension("2.5.29.35", false, sequence(implicit(0, identifier)));
}

/** URIs as they are, hosts as DNS names or IP addresses. @param isCritical must be true where the subject is empty (4.2.1.6). */
export function subjectAltNames(
  names: { readonly uris?: readonly string[]; readonly hosts?: readonly string[] },
  isCritical: boolean,
): Buffer {
  const uris = (names.uris ?? []).map((uri) => implicit(6, ia5(uri)));
  const hosts = (names.hosts ?? []).map((host) => (isIP(host) === 0 ? implicit(2, ia5(host)) : implicit(7, addressBytes(host))));
  return extension("2.5.29.17", isCritical, sequence(...uris, ...hosts));
}

function ia5(text: string): Buffer {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x21 || code > 0x7e)
      throw new PkiError(`${JSON.stringify(text)} cannot be a name in a certificate: only visible ASCII can`);
  }
  return Buffer.from(text, "latin1");
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  // URL writes an IPv6 address in its canonical, all-hexadecimal form.
  const [head = "", tail] = new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.slice(1, -1).split("::");
  const groupsOf = (text = ""): string[] => (text === "" ? [] : text.split(":"));
  const [left, right] = [groupsOf(head), groupsOf(tail)];
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
