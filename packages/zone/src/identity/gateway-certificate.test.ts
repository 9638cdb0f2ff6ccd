import { typeUrls } from "@meridian/envoy";
import { createLeafIssuer, generateCa, type KeyPair } from "@meridian/pki";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { meshDocument } from "../testing/documents.ts";
import type { TestProxy } from "../testing/test-proxy.ts";
import { until } from "../testing/until.ts";
import { helloOf, TestZone } from "../testing/zone.ts";

const edge = {
  ...{ type: "Dataplane", mesh: "default", name: "edge" },
  networking: { address: "10.0.0.1", gateway: { type: "BUILTIN", tags: { "kuma.io/service": "edge" } } },
};
const tls = { mode: "TERMINATE", certificates: [{ secret: "shop-cert" }] };
const gateway = {
  ...{ type: "MeshGateway", mesh: "default", name: "edge", selectors: [{ match: { "kuma.io/service": "edge" } }] },
  conf: { listeners: [{ port: 8443, protocol: "HTTPS", hostname: "shop.example", tls }] },
};
const sdsName = "gateway_cert:secret:default:edge:8443:0:shop.example";

let shop: KeyPair;
let other: KeyPair;
let zone: TestZone;
let proxy: TestProxy;

beforeAll(async () => {
  const now = new Date();
  const ca = await generateCa({ commonName: "c", spiffeId: "spiffe://c", validForMs: 3_600_000, now });
  const issuer = createLeafIssuer(ca);
  [shop, other] = await Promise.all([
    issuer.issue({ uris: ["spiffe://c/shop"], validForMs: 60_000, now }),
    issuer.issue({ uris: ["spiffe://c/other"], validForMs: 60_000, now }),
  ]);
});
beforeEach(async () => {
  zone = await new TestZone().start(meshDocument("default"), gateway);
  proxy = await zone.connect(helloOf(edge));
});
afterEach(() => zone.stop());

function secret(content: string): object {
  return { type: "Secret", mesh: "default", name: "shop-cert", data: Buffer.from(content).toString("base64") };
}

function messages(): readonly string[] {
  return zone.policies.of("MeshGateway/default/edge").notes.map(({ message }) => message);
}

describe("the certificate of a gateway's listener", () => {
  it("is missed in the status, and comes as soon as its Secret does", async () => {
    expect(proxy.names(typeUrls.listener)).toEqual(["edge:HTTPS:8443"]);
    expect(proxy.get(typeUrls.secret, sdsName)).toBeUndefined();
    expect(messages()).toEqual([
      "listener 8443 shop.example takes no connections: secret shop-cert of mesh default is not there",
    ]);
    await zone.feed.reached(await zone.put(secret(shop.keyPem + shop.certPem)));
    await until(() => expect(proxy.get(typeUrls.secret, sdsName)).toBeDefined());
    expect(messages()).toEqual([]);
    expect([...zone.policies.takeChanges().keys()]).toContain("MeshGateway/default/edge");
  });

  it.each([
    ["nothing", () => "", "certificate 0 is no PEM certificate"],
    ["a certificate without its key", () => shop.certPem, "certificate 0 has no PEM private key beside it"],
    ["a key of another", () => shop.certPem + other.keyPem, "the key of certificate 0 does not belong to it"],
  ])("is not made of %s, which is told without any of it", async (_what, content, reason) => {
    await zone.feed.reached(await zone.put(secret(content())));
    const expected = content() === "" ? "secret shop-cert of mesh default is not there" : reason;
    await until(() => expect(messages()).toEqual([`listener 8443 shop.example takes no connections: ${expected}`]));
    expect(proxy.get(typeUrls.secret, sdsName)).toBeUndefined();
  });

  it("is replaced with its Secret, and goes with its listener", async () => {
    await zone.feed.reached(await zone.put(secret(shop.certPem + shop.keyPem)));
    await until(() => expect(proxy.get(typeUrls.secret, sdsName)).toBeDefined());
    const { version } = proxy.get(typeUrls.secret, sdsName) ?? {};
    await zone.feed.reached(await zone.put(secret(other.certPem + other.keyPem)));
    await until(() => expect(proxy.get(typeUrls.secret, sdsName)?.version).not.toBe(version));
    const plain = { ...gateway, conf: { listeners: [{ port: 8080, protocol: "HTTP" }] } };
    await zone.feed.reached(await zone.put(plain));
    await until(() => expect(proxy.get(typeUrls.secret, sdsName)).toBeUndefined());
  });
});
