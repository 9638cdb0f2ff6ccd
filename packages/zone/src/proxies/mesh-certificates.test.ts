import { typeUrls } from "@meridian/envoy";
import { generateCa } from "@meridian/pki";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createGoodbyeHandler } from "../registration/goodbye.ts";
import { dataplaneDocument, meshDocument } from "../testing/documents.ts";
import { endpointsOf } from "../testing/endpoints.ts";
import { certificateOf } from "../testing/secrets.ts";
import type { TestProxy } from "../testing/test-proxy.ts";
import { settle, until } from "../testing/until.ts";
import { helloOf, TestZone } from "../testing/zone.ts";

// A zone egress at its control plane: certificates of several meshes, secrets of servers outside, its goodbye.

const egress = { type: "ZoneEgress", name: "egress-1", networking: { address: "10.0.0.8", port: 10002 } };
const hourMs = 3_600_000;

let zone: TestZone;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
});
afterEach(async () => {
  vi.useRealTimers();
  await zone.stop();
});

function partner(mesh: string, caCert?: object): object {
  const endpoints = [{ address: "partner.example", port: 443 }];
  const tls = caCert && { tls: { enabled: true, verification: { caCert } } };
  const spec = { match: { type: "HostnameGenerator", port: 80, protocol: "http" }, endpoints, ...tls };
  return { type: "MeshExternalService", mesh, name: "partner", spec };
}

function withMtls(mesh: string, expiration = "1d"): object {
  return meshDocument(mesh, { backend: { dpCert: { rotation: { expiration } } } });
}

function serials(proxy: TestProxy): readonly (string | undefined)[] {
  return ["default", "other"].map((mesh) => certificateOf(proxy, mesh)?.serialNumber);
}

async function put(...documents: readonly object[]): Promise<void> {
  await zone.feed.reached(await zone.put(...documents));
  await settle(20);
}

describe("the certificates of a zone egress", () => {
  it("are those of every mesh whose TLS ends there, and go with its last service", async () => {
    zone = await new TestZone().start(withMtls("default"), withMtls("other"), partner("default"));
    const proxy = await zone.connect(helloOf(egress));
    expect(certificateOf(proxy)?.subjectAltName).toBe("URI:spiffe://default/zone-egress, URI:kuma://kuma.io/service/zone-egress");
    expect(serials(proxy)).toEqual([expect.any(String), undefined]);
    const [first] = serials(proxy);
    await put(partner("other"));
    await until(() => expect(certificateOf(proxy, "other")).toBeDefined());
    expect(serials(proxy)[0]).toBe(first);
    await zone.remove("MeshExternalService", "other", "partner");
    await until(() => expect(proxy.get(typeUrls.secret, "identity_cert:secret:other")).toBeUndefined());
    expect(proxy.names(typeUrls.secret)).toEqual(["identity_cert:secret:default", "mesh_ca:secret:default"]);
  });

  it("are renewed one by one, before their end", async () => {
    const meshes = [withMtls("default", "2h"), withMtls("other", "1d")];
    zone = await new TestZone().start(...meshes, partner("default"), partner("other"));
    const proxy = await zone.connect(helloOf(egress));
    const before = serials(proxy);
    await vi.advanceTimersByTimeAsync(2 * hourMs);
    await until(() => expect(serials(proxy)[0]).not.toBe(before[0]));
    expect(serials(proxy)[1]).toBe(before[1]);
  });

  it("follow the CA of their mesh, and of no other", async () => {
    zone = await new TestZone().start(withMtls("default"), withMtls("other"), partner("default"), partner("other"));
    const proxy = await zone.connect(helloOf(egress));
    const before = serials(proxy);
    await put(withMtls("other", "12h"));
    await until(() => expect(serials(proxy)[1]).not.toBe(before[1]));
    expect(serials(proxy)[0]).toBe(before[0]);
  });
});

it("the CA of a server outside comes with what refers to it, and follows its secret", async () => {
  const { certPem } = await partnerCa();
  zone = await new TestZone().start(
    withMtls("default"),
    secret("partner-ca", certPem),
    partner("default", { secret: "partner-ca" }),
  );
  const proxy = await zone.connect(helloOf(egress));
  const name = "extsvc_ca:secret:default:partner";
  const before = proxy.get(typeUrls.secret, name)?.version;
  expect(before).toBeDefined();
  await put(secret("partner-ca", (await partnerCa()).certPem));
  await until(() => expect(proxy.get(typeUrls.secret, name)?.version).not.toBe(before));
});

function partnerCa() {
  return generateCa({ commonName: "partner", spiffeId: "spiffe://partner", validForMs: hourMs, now: new Date() });
}

function secret(name: string, text: string): object {
  return { type: "Secret", mesh: "default", name, data: Buffer.from(text).toString("base64") };
}

it("an egress that says goodbye is sent nothing new, and keeps what it has until its stream ends", async () => {
  zone = await new TestZone().start(withMtls("default"), partner("default"));
  const cluster = "default_partner__east_extsvc_80";
  const toPartner = { port: 9000, backendRef: { kind: "MeshExternalService", name: "partner" } };
  const client = await zone.serve(helloOf(dataplaneDocument("client", { outbound: [toPartner] })));
  const proxy = await zone.serve(helloOf(egress));
  await until(() => expect(endpointsOf(client, cluster)).toEqual(["10.0.0.8:10002"]));
  const { store, authenticator, registration } = zone;
  const goodbye = createGoodbyeHandler({ store, authenticator, registration });
  await goodbye({ headers: {}, host: "cp", body: JSON.stringify({ name: "egress-1", proxyType: "egress" }) });
  await until(() => expect(endpointsOf(client, cluster)).toEqual([]));
  expect(proxy.names(typeUrls.cluster)).toEqual([cluster]);
  proxy.disconnect();
  await until(async () => expect(await store.get({ kind: "ZoneEgress", mesh: "", name: "egress-1" })).toBeUndefined());
  await zone.serve(helloOf(egress));
  await until(() => expect(endpointsOf(client, cluster)).toEqual(["10.0.0.8:10002"]));
});
