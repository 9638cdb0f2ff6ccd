import { X509Certificate } from "node:crypto";
import { decodeMessage, typeUrls } from "@meridian/envoy";
import type { MeshTrustSpec } from "@meridian/model";
import { generateCa } from "@meridian/pki";
import type { MeshIdentityStatus } from "@meridian/services";
import { afterEach, describe, expect, it, vi } from "vitest";
import { caDigest, certificatesIn, trustDigest } from "../identity/ca-digest.ts";
import { dataplaneDocument, meshDocument } from "../testing/documents.ts";
import type { TestProxy } from "../testing/test-proxy.ts";
import { until } from "../testing/until.ts";
import { helloOf, TestZone } from "../testing/zone.ts";

const web = { ...dataplaneDocument("web"), labels: { "kuma.io/workload": "web" } };
const exclusive = { meshServices: { mode: "Exclusive" } };
const plain = { ...meshDocument("default"), ...exclusive };
const withMtls = { ...meshDocument("default", { backend: {} }), ...exclusive };
const webId = "spiffe://default.east.mesh.local/workload/web";
const certificateName = "kri_mid_default_east__all_";

// The first one waits for keys and for the types of Envoy.
vi.setConfig({ testTimeout: 20_000 });

let zone: TestZone;
afterEach(() => zone.stop());

function identity(bundled: object, name = "all"): object {
  const spec = { selector: { dataplane: { matchLabels: {} } }, provider: { type: "Bundled", bundled } };
  return { type: "MeshIdentity", mesh: "default", name, labels: { "kuma.io/zone": "east" }, spec };
}

const generated = identity({ autogenerate: { enabled: true } });

async function statusOf(name = "all"): Promise<Record<string, string>> {
  const stored = await zone.store.get({ kind: "MeshIdentity", mesh: "default", name });
  const { conditions = [] } = (stored?.status ?? {}) as Partial<MeshIdentityStatus>;
  return Object.fromEntries(conditions.map(({ type, status, message }) => [type, status === "True" ? "True" : message]));
}

async function trust(name = "all"): Promise<MeshTrustSpec | undefined> {
  return (await zone.store.get<MeshTrustSpec>({ kind: "MeshTrust", mesh: "default", name }))?.spec;
}

function secret(proxy: TestProxy, name: string) {
  const held = proxy.get(typeUrls.secret, name);
  return held && (decodeMessage("envoy.service.discovery.v3.Resource", held.delta)["resource"] as Record<string, unknown>);
}

function certificate(proxy: TestProxy): X509Certificate | undefined {
  const { tlsCertificate } = (secret(proxy, certificateName) ?? {}) as {
    tlsCertificate?: { certificateChain: { inlineBytes: string } };
  };
  return tlsCertificate && new X509Certificate(Buffer.from(tlsCertificate.certificateChain.inlineBytes, "base64"));
}

/** Trust domains of the bundle that a proxy holds, each with its number of CAs. */
function believed(proxy: TestProxy): Record<string, number> {
  const { validationContext } = (secret(proxy, "system_trust_bundle") ?? {}) as {
    validationContext?: {
      customValidatorConfig: { typedConfig: { trustDomains: readonly { name: string; trustBundle: { inlineBytes: string } }[] } };
    };
  };
  const domains = validationContext?.customValidatorConfig.typedConfig.trustDomains ?? [];
  return Object.fromEntries(
    domains.map(({ name, trustBundle }) => [
      name,
      certificatesIn(Buffer.from(trustBundle.inlineBytes, "base64").toString()).length,
    ]),
  );
}

/** The proxy takes everything that it is given until then. */
function acknowledgingUntil(proxy: TestProxy, condition: () => void | Promise<void>): Promise<void> {
  return until(async () => {
    proxy.acknowledge();
    await condition();
  });
}

async function newCa(commonName: string) {
  return generateCa({ commonName, spiffeId: `spiffe://${commonName}`, validForMs: 3_600_000, now: new Date() });
}

const testCa = await newCa("inline");

const secretDocument = (name: string, pem: string) => ({
  type: "Secret",
  mesh: "default",
  name,
  data: Buffer.from(pem).toString("base64"),
});

const provided = identity({
  insecureAllowSelfSigned: true,
  ca: {
    certificate: { type: "Secret", secretRef: { name: "ca" } },
    privateKey: { type: "Secret", secretRef: { name: "ca-key" } },
  },
});

describe("a MeshIdentity", () => {
  it("gets a CA and a MeshTrust, and its data planes a certificate with their SPIFFE id", async () => {
    zone = await new TestZone().start(plain, generated);
    const proxy = await zone.connect(helloOf(web));
    await acknowledgingUntil(proxy, () => expect(certificate(proxy)?.subjectAltName).toBe(`URI:${webId}`));
    expect(await statusOf()).toEqual({
      DependenciesReady: "True",
      SpiffeIDProvider: "True",
      Provider: "True",
      MeshTrustCreated: "True",
      Ready: "True",
    });
    expect(believed(proxy)).toEqual({ "default.east.mesh.local": 1 });
    const [ca] = certificatesIn((await trust())?.caBundles[0]?.pem?.value ?? "");
    expect(certificate(proxy)?.checkIssued(ca as X509Certificate)).toBe(true);
    expect(proxy.names(typeUrls.secret)).toEqual([certificateName, "system_trust_bundle"]);
  });

  it("gives certificates that live as long as it says, and another one before their end", async () => {
    const short = identity({ autogenerate: { enabled: true }, certificateParameters: { expiry: "3s" } });
    zone = await new TestZone().start(plain, short);
    const proxy = await zone.connect(helloOf(web));
    await acknowledgingUntil(proxy, () => expect(certificate(proxy)).toBeDefined());
    const first = certificate(proxy);
    expect(new Date(first?.validTo ?? "").getTime()).toBeLessThanOrEqual(Date.now() + 3_000);
    await acknowledgingUntil(proxy, () => expect(certificate(proxy)?.serialNumber).not.toBe(first?.serialNumber));
  });

  it("is shown only when all proxies believe it, and takes the place of the mesh's certificate", async () => {
    zone = await new TestZone().start(withMtls);
    const [proxy, slow] = [await zone.serve(helloOf(web)), await zone.connect(helloOf(dataplaneDocument("slow")))];
    slow.acknowledge();
    await zone.put(generated);
    await acknowledgingUntil(proxy, () => expect(believed(proxy)).toEqual({ default: 1, "default.east.mesh.local": 1 }));
    await until(async () => expect((await statusOf())["Ready"]).toMatch(/not all proxies of this zone believe its CA yet/));
    expect(certificate(proxy)).toBeUndefined();
    slow.acknowledge();
    await acknowledgingUntil(proxy, () => expect(certificate(proxy)?.subjectAltName).toBe(`URI:${webId}`));
    expect(proxy.names(typeUrls.secret)).toEqual([certificateName, "system_trust_bundle"]);
    // It has no workload to take an id of, so it stays who it is.
    expect(slow.names(typeUrls.secret)).toContain("identity_cert:secret:default");
    expect(believed(slow)).toEqual({ default: 1, "default.east.mesh.local": 1 });
  });

  it("waits for proxies that ran on while the control plane was away", async () => {
    zone = await new TestZone().start(plain);
    await zone.serve(helloOf(web));
    await zone.kill();
    zone = await new TestZone({ store: zone.store }).start(generated);
    await until(async () => expect((await statusOf())["Ready"]).toMatch(/not all proxies of this zone believe its CA yet/));
    const proxy = await zone.connect(helloOf(web));
    await acknowledgingUntil(proxy, () => expect(certificate(proxy)).toBeDefined());
  });

  it("waits for the other zones, and tells them what its own proxies believe", async () => {
    const ingress = (name: string, labels: object) => ({
      kind: "ZoneIngress",
      mesh: "",
      name,
      labels: { ...labels },
      spec: { zone: "west", networking: { port: 10001, address: "10.9.9.9" } },
    });
    const west = { "kuma.io/origin": "global", "kuma.io/zone": "west" };
    zone = await new TestZone().start(plain, generated);
    await zone.store.commit(
      [
        { op: "put", resource: ingress("west", west) },
        { op: "put", resource: ingress("own", {}) },
      ],
      {
        author: "kds",
      },
    );
    const proxy = await zone.connect(helloOf(web));
    await acknowledgingUntil(proxy, async () => {
      expect((await statusOf())["Ready"]).toMatch(/not all proxies believe its CA yet in zones: west/);
    });
    const [ca] = certificatesIn((await trust())?.caBundles[0]?.pem?.value ?? "");
    const receipt = `trust.meridian.io/${trustDigest("default", "default.east.mesh.local", caDigest(ca as X509Certificate))}`;
    const own = await zone.store.get({ kind: "ZoneIngress", mesh: "", name: "own" });
    expect(own?.labels[receipt]).toBe("true");
    expect(certificate(proxy)).toBeUndefined();
    await zone.store.commit([{ op: "put", resource: ingress("west", { ...west, [receipt]: "true" }) }], { author: "kds" });
    await acknowledgingUntil(proxy, () => expect(certificate(proxy)).toBeDefined());
  });

  it("that is broken costs its proxies nothing, says what is wrong, and works once that is mended", async () => {
    zone = await new TestZone().start(withMtls, provided);
    const proxy = await zone.serve(helloOf(web));
    const problem = "secret ca of mesh default is not there";
    await until(async () => expect((await statusOf())["Provider"]).toBe(problem));
    // So that it can be read at the global, too.
    await until(() => {
      expect(zone.policies.of("MeshIdentity/default/all").notes).toEqual([{ message: `not in use: ${problem}`, proxies: 1 }]);
    });
    const ca = await newCa("default");
    await zone.put(secretDocument("ca", ca.certPem), secretDocument("ca-key", "secret-but-no-key"));
    await until(async () => expect((await statusOf())["Provider"]).toMatch(/its CA cannot be used: the key is not/));
    expect(JSON.stringify(await statusOf())).not.toContain("secret-but-no-key");
    await zone.put({ ...meshDocument("default", { backend: { mode: "PERMISSIVE" } }), ...exclusive });
    await until(() => expect(proxy.names(typeUrls.secret)).toContain("identity_cert:secret:default"));
    await zone.put(secretDocument("ca-key", ca.keyPem));
    await acknowledgingUntil(proxy, () => expect(certificate(proxy)).toBeDefined());
  });

  it("goes over to a new CA when all proxies believe it, and trusts the old one meanwhile", async () => {
    const [old, young] = [await newCa("old"), await newCa("young")];
    zone = await new TestZone().start(plain, provided, secretDocument("ca", old.certPem), secretDocument("ca-key", old.keyPem));
    const proxy = await zone.connect(helloOf(web));
    await acknowledgingUntil(proxy, () => expect(certificate(proxy)?.issuer).toBe("CN=old"));
    await zone.put(secretDocument("ca", young.certPem), secretDocument("ca-key", young.keyPem));
    await until(() => expect(believed(proxy)).toEqual({ "default.east.mesh.local": 2 }));
    expect(certificate(proxy)?.issuer).toBe("CN=old");
    await acknowledgingUntil(proxy, () => expect(certificate(proxy)?.issuer).toBe("CN=young"));
    expect(believed(proxy)).toEqual({ "default.east.mesh.local": 2 });
  });

  it.each<[string, object, object, string, RegExp]>([
    ["no MeshServices", meshDocument("default"), generated, "DependenciesReady", /set meshServices.mode/],
    ["a CA that signs itself", plain, identity({ ca: inlineCa() }), "Provider", /insecureAllowSelfSigned/],
    ["no environment variable", plain, identity({ ca: fromEnvironment("NO_CA") }), "Provider", /variable NO_CA/],
    ["no file", plain, identity({ ca: fromFile("/nowhere") }), "Provider", /file \/nowhere cannot be read/],
  ])("does not work with %s", async (_name, mesh, document, condition, problem) => {
    zone = await new TestZone().start(mesh, document);
    await until(async () => expect((await statusOf())[condition]).toMatch(problem));
    expect((await statusOf())["Ready"]).not.toBe("True");
    expect(await trust()).toBeUndefined();
  });

  it("leaves a MeshTrust of its name alone that is a user's", async () => {
    const { certPem } = await newCa("partner");
    const mine = {
      type: "MeshTrust",
      mesh: "default",
      name: "all",
      spec: { trustDomain: "partner.example", caBundles: [{ type: "Pem", pem: { value: certPem } }] },
    };
    zone = await new TestZone().start(plain, mine, generated);
    await until(async () => expect((await statusOf())["MeshTrustCreated"]).toMatch(/rename or delete/));
    expect((await trust())?.trustDomain).toBe("partner.example");
  });
});

it("certificates that are none are left out of what proxies believe", async () => {
  const broken = {
    type: "MeshTrust",
    mesh: "default",
    name: "broken",
    spec: {
      trustDomain: "broken.example",
      caBundles: [{ type: "Pem", pem: { value: "-----BEGIN CERTIFICATE-----\nMIIBSzCB\n-----END CERTIFICATE-----\n" } }],
    },
  };
  zone = await new TestZone().start(withMtls, broken);
  const proxy = await zone.connect(helloOf(web));
  expect(believed(proxy)).toEqual({ default: 1 });
});

function inlineCa(): object {
  const inline = (value: string) => ({ type: "InsecureInline", insecureInline: { value } });
  return { certificate: inline(testCa.certPem), privateKey: inline(testCa.keyPem) };
}

function fromEnvironment(name: string): object {
  return { certificate: { type: "EnvVar", envVar: { name } }, privateKey: { type: "EnvVar", envVar: { name } } };
}

function fromFile(path: string): object {
  return { certificate: { type: "File", file: { path } }, privateKey: { type: "File", file: { path } } };
}
