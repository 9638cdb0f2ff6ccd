import { allMeshesCaName, decodeMessage, meshCaSecretName, typeUrls } from "@meridian/envoy";
import { generateCa } from "@meridian/pki";
import { afterEach, beforeEach, expect, it } from "vitest";
import { meshDocument } from "../testing/documents.ts";
import type { TestProxy } from "../testing/test-proxy.ts";
import { until } from "../testing/until.ts";
import { helloOf, TestZone } from "../testing/zone.ts";

// A gateway of mesh shop, and a client of it in mesh default.

const edge = {
  ...{ type: "Dataplane", mesh: "shop", name: "edge" },
  networking: { address: "10.0.0.1", gateway: { type: "BUILTIN", tags: { "kuma.io/service": "edge" } } },
};
const client = {
  ...{ type: "Dataplane", mesh: "default", name: "web" },
  networking: {
    address: "10.0.0.2",
    inbound: [{ port: 80, tags: { "kuma.io/service": "web" } }],
    outbound: [{ port: 10_001, tags: { "kuma.io/service": "edge", "kuma.io/mesh": "shop" } }],
  },
};
const gateway = {
  ...{ type: "MeshGateway", mesh: "shop", name: "edge", selectors: [{ match: { "kuma.io/service": "edge" } }] },
  conf: { listeners: [{ port: 8080, protocol: "HTTP", crossMesh: true }] },
};

function secured(name: string): object {
  return meshDocument(name, { backend: {} });
}

let zone: TestZone;
let server: TestProxy;
let web: TestProxy;

beforeEach(async () => {
  zone = await new TestZone().start(secured("default"), secured("shop"), gateway);
  server = await zone.connect(helloOf(edge));
  web = await zone.connect(helloOf(client));
});
afterEach(() => zone.stop());

interface TrustSecret {
  readonly validationContext: {
    readonly customValidatorConfig: {
      readonly typedConfig: {
        readonly trustDomains: readonly { readonly name: string; readonly trustBundle: { readonly inlineBytes: string } }[];
      };
    };
  };
}

/** CAs that a secret holds, by trust domain. */
function trusted(proxy: TestProxy, name: string): Readonly<Record<string, string>> {
  const secret = proxy.get(typeUrls.secret, name);
  if (!secret) return {};
  const { resource } = decodeMessage("envoy.service.discovery.v3.Resource", secret.delta) as unknown as { resource: TrustSecret };
  const { trustDomains } = resource.validationContext.customValidatorConfig.typedConfig;
  return Object.fromEntries(trustDomains.map((domain) => [domain.name, domain.trustBundle.inlineBytes]));
}

it("a client gets the CA of the gateway's mesh, the gateway those of all meshes with mTLS, and nobody else either", async () => {
  expect(Object.keys(trusted(web, meshCaSecretName("shop")))).toEqual(["shop"]);
  expect(Object.keys(trusted(server, allMeshesCaName))).toEqual(["default", "shop"]);
  expect(web.get(typeUrls.secret, allMeshesCaName)).toBeUndefined();
  expect(server.get(typeUrls.secret, meshCaSecretName("default"))).toBeUndefined();
});

it("meshes that come, get mTLS or lose it are believed accordingly", async () => {
  await zone.put(secured("third"));
  await until(() => expect(Object.keys(trusted(server, allMeshesCaName))).toEqual(["default", "shop", "third"]));
  await zone.put({ type: "Mesh", name: "third" });
  await until(() => expect(Object.keys(trusted(server, allMeshesCaName))).toEqual(["default", "shop"]));
});

it("a mesh that gets another CA is believed by it, on both sides", async () => {
  const before = trusted(web, meshCaSecretName("shop"))["shop"];
  const validity = { validForMs: 3_600_000, now: new Date() };
  const { certPem, keyPem } = await generateCa({ commonName: "shop", spiffeId: "spiffe://shop", ...validity });
  const secret = (name: string, content: string) => ({
    ...{ type: "Secret", mesh: "shop", name, data: Buffer.from(content).toString("base64") },
  });
  const conf = { cert: { secret: "ca-cert" }, key: { secret: "ca-key" } };
  await zone.put(secret("ca-cert", certPem), secret("ca-key", keyPem));
  await zone.put(meshDocument("shop", { backend: { type: "provided", conf } }));
  await until(() => expect(trusted(web, meshCaSecretName("shop"))["shop"]).not.toBe(before));
  const after = trusted(web, meshCaSecretName("shop"))["shop"];
  expect(
    Buffer.from(after ?? "", "base64")
      .toString()
      .trim(),
  ).toBe(certPem.trim());
  await until(() => expect(trusted(server, allMeshesCaName)["shop"]).toBe(after));
});

it("what is not needed any more goes", async () => {
  await zone.put({ ...gateway, conf: { listeners: [{ port: 8080, protocol: "HTTP" }] } });
  await until(() => expect(server.get(typeUrls.secret, allMeshesCaName)).toBeUndefined());
});
