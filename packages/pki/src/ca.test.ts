import { generateKeyPairSync, X509Certificate as NodeCertificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { generateCa, inspectCa } from "./ca.ts";
import { createLeafIssuer } from "./leaf.ts";
import { generateServerCertificate } from "./server-certificate.ts";
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from "./x509.ts";

const now = new Date("2026-01-02T03:04:05.678Z");
const hourMs = 3_600_000;
const options = { commonName: "default", spiffeId: "spiffe://default", organization: "Meridian", validForMs: hourMs, now };

describe("generateCa", () => {
  it.each([
    ["ECDSA", undefined, "ec"],
    ["RSA", 2048, "rsa"],
  ] as const)("makes a CA that signs: %s", async (_, rsaBits, keyType) => {
    const ca = await generateCa({ ...options, ...(rsaBits && { rsaBits }) });
    const certificate = new X509Certificate(ca.certPem);
    expect(certificate.subject).toBe("O=Meridian, CN=default");
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.notBefore.toISOString()).toBe("2026-01-02T03:03:55.000Z");
    expect(certificate.notAfter.toISOString()).toBe("2026-01-02T04:04:05.000Z");
    expect(certificate.getExtension(BasicConstraintsExtension)).toMatchObject({ ca: true, critical: true });
    expect(certificate.getExtension(KeyUsagesExtension)?.usages).toBe(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign);
    expect(certificate.getExtension(SubjectAlternativeNameExtension)?.names.toJSON()).toEqual([
      { type: "url", value: "spiffe://default" },
    ]);
    const node = new NodeCertificate(ca.certPem);
    expect(node.ca).toBe(true);
    expect(node.publicKey.asymmetricKeyType).toBe(keyType);
    expect(node.verify(node.publicKey)).toBe(true);
    expect(inspectCa(ca.certPem, ca.keyPem, now)).toEqual([]);
  });

  it("writes years from 2050 on as GeneralizedTime", async () => {
    const ca = await generateCa({ ...options, validForMs: 30 * 365 * 24 * hourMs });
    expect(new X509Certificate(ca.certPem).notAfter.getUTCFullYear()).toBe(2055);
  });
});

describe("inspectCa", () => {
  it("names every problem at once, and no key", async () => {
    const ca = await generateCa(options);
    const other = await generateCa(options);
    const { certPem, keyPem } = await createLeafIssuer(ca).issue({ uris: ["spiffe://default/web"], validForMs: hourMs, now });
    expect(inspectCa(ca.certPem, other.keyPem, now)).toEqual(["the key does not belong to the certificate"]);
    expect(inspectCa(certPem, keyPem, now)).toEqual([
      "the certificate is not a CA (basic constraint CA:TRUE is missing)",
      "the certificate lacks the key usage keyCertSign",
      "the certificate must not have the key usage keyAgreement",
    ]);
    expect(inspectCa(ca.certPem, ca.keyPem, new Date(now.getTime() + 2 * hourMs))).toEqual([
      "the certificate has expired at 2026-01-02T04:04:05.000Z",
    ]);
    expect(inspectCa(ca.certPem, ca.keyPem, new Date(now.getTime() - hourMs))).toEqual([
      "the certificate is not valid before 2026-01-02T03:03:55.000Z; check the clock of this machine",
    ]);
    expect(inspectCa("nonsense", "nonsense", now)).toEqual([
      "the certificate is not a PEM certificate",
      "the key is not an unencrypted PEM private key (PKCS#1, SEC1 or PKCS#8)",
    ]);
  });

  it("refuses keys that Envoy does not take", async () => {
    const ca = await generateCa(options);
    const ed25519 = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(inspectCa(ca.certPem, ed25519, now)).toContain("the key is ed25519; Envoy takes RSA and ECDSA");
  });
});

describe("generateServerCertificate", () => {
  it("is a CA with DNS names and addresses", async () => {
    const hosts = ["localhost", "cp.example.org", "127.0.0.1", "::1", "2001:db8::1:2", "::ffff:10.0.0.1"];
    const { certPem, keyPem } = await generateServerCertificate({ hosts, validForMs: hourMs, now });
    const certificate = new NodeCertificate(certPem);
    expect(certificate.ca).toBe(true);
    expect(certificate.subjectAltName).toBe(
      "DNS:localhost, DNS:cp.example.org, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:0:1:2, IP Address:0:0:0:0:0:FFFF:A00:1",
    );
    expect(inspectCa(certPem, keyPem, now)).toEqual([]);
    expect(certificate.checkHost("cp.example.org")).toBe("cp.example.org");
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  });
});
