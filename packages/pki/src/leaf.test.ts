import { createPrivateKey, X509Certificate as NodeCertificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateCa, type KeyPair } from "./ca.ts";
import { createLeafIssuer } from "./leaf.ts";
import {
  AuthorityKeyIdentifierExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
} from "./x509.ts";

const now = new Date("2026-01-02T03:04:05.678Z");
const dayMs = 24 * 3_600_000;
const uris = ["spiffe://default/web", "kuma://kuma.io/service/web", "kuma://version/v1"];

function newCa(rsaBits?: number): Promise<KeyPair> {
  return generateCa({
    commonName: "default",
    spiffeId: "spiffe://default",
    ...(rsaBits && { rsaBits }),
    validForMs: 10 * dayMs,
    now,
  });
}

describe("createLeafIssuer", () => {
  it.each([undefined, 2048])("issues what the reference says (RSA bits of the CA: %s)", async (rsaBits) => {
    const ca = await newCa(rsaBits);
    const leaf = await createLeafIssuer(ca).issue({ uris, validForMs: dayMs, now });
    const certificate = new X509Certificate(leaf.certPem);
    expect(certificate.subject).toBe("");
    expect(certificate.issuer).toBe("CN=default");
    expect(certificate.notBefore).toEqual(leaf.notBefore);
    expect(certificate.notAfter).toEqual(leaf.notAfter);
    expect(leaf.notBefore.toISOString()).toBe("2026-01-02T03:03:55.000Z");
    expect(leaf.notAfter.toISOString()).toBe("2026-01-03T03:04:05.000Z");
    expect(certificate.serialNumber).toBe(leaf.serial);
    expect(leaf.serial).toMatch(/^[4-7][0-9a-f]{31}$/);
    const names = certificate.getExtension(SubjectAlternativeNameExtension);
    expect(names?.critical).toBe(true);
    expect(names?.names.toJSON()).toEqual(uris.map((value) => ({ type: "url", value })));
    expect(certificate.getExtension(KeyUsagesExtension)?.usages).toBe(
      KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment | KeyUsageFlags.keyAgreement,
    );
    expect(certificate.getExtension(ExtendedKeyUsageExtension)?.usages).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    expect(certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId).toBe(
      new X509Certificate(ca.certPem).getExtension(SubjectKeyIdentifierExtension)?.keyId,
    );
    const node = new NodeCertificate(leaf.certPem);
    expect(node.ca).toBe(false);
    expect(node.verify(new NodeCertificate(ca.certPem).publicKey)).toBe(true);
    expect(node.checkPrivateKey(createPrivateKey(leaf.keyPem))).toBe(true);
    expect(node.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  });

  it.each([
    ["PKCS#1", 2048, "pkcs1"],
    ["SEC1", undefined, "sec1"],
  ] as const)("takes a CA key in %s", async (_, rsaBits, type) => {
    const ca = await newCa(rsaBits);
    const keyPem = createPrivateKey(ca.keyPem).export({ type, format: "pem" }).toString();
    const leaf = await createLeafIssuer({ certPem: ca.certPem, keyPem }).issue({ uris, validForMs: dayMs, now });
    expect(new NodeCertificate(leaf.certPem).verify(new NodeCertificate(ca.certPem).publicKey)).toBe(true);
  });

  it("writes any list of names so that it can be read back", async () => {
    const issuer = createLeafIssuer(await newCa());
    const uri = fc.stringMatching(/^[a-z]{1,8}:\/\/[!-~]{1,200}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(uri, { minLength: 1, maxLength: 20 }), async (names) => {
        const leaf = await issuer.issue({ uris: names, validForMs: dayMs, now });
        const read = new X509Certificate(leaf.certPem).getExtension(SubjectAlternativeNameExtension)?.names.toJSON();
        expect(read?.map((name) => name.value)).toEqual(names);
      }),
      { numRuns: 30 },
    );
  });

  it("refuses names that a certificate cannot hold, and unusable CAs", async () => {
    const ca = await newCa();
    const issuer = createLeafIssuer(ca);
    await expect(issuer.issue({ uris: ["spiffe://default/wéb"], validForMs: dayMs, now })).rejects.toThrow("only visible ASCII");
    await expect(issuer.issue({ uris: [], validForMs: dayMs, now })).rejects.toThrow("at least one");
    expect(() => createLeafIssuer({ certPem: "x", keyPem: ca.keyPem })).toThrow("not a PEM certificate");
    expect(() => createLeafIssuer({ certPem: ca.certPem, keyPem: "SECRET" })).toThrow(
      /^the key is not an unencrypted PEM private key/,
    );
  });
});
