import { X509Certificate } from "node:crypto";
import { systemClock } from "@meridian/base";
import { typeUrls } from "@meridian/envoy";
import type { MeshSpec, Resource } from "@meridian/model";
import { generateCa } from "@meridian/pki";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dataplaneDocument, meshDocument, outboundTo } from "../testing/documents.ts";
import { failingStore, holdNext } from "../testing/failing-store.ts";
import { certificateOf, trustedCaOf } from "../testing/secrets.ts";
import type { TestProxy } from "../testing/test-proxy.ts";
import { settle, until } from "../testing/until.ts";
import { helloOf, TestZone } from "../testing/zone.ts";

const web = dataplaneDocument("web", { tags: { version: "v1" } });
const author = { author: "the global" };
const minuteMs = 60_000;

let zone: TestZone;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
});
afterEach(async () => {
  vi.useRealTimers();
  await zone.stop();
});

function builtin(expiration = "10m"): object {
  return meshDocument("default", { backend: { dpCert: { rotation: { expiration } } } });
}

/** A mesh with a CA of the user's, and its two secrets. */
async function provided(mesh: string): Promise<readonly [object, object, object]> {
  const conf = { cert: { secret: `${mesh}-cert` }, key: { secret: `${mesh}-key` } };
  return [meshDocument(mesh, { backend: { type: "provided", conf } }), ...(await caSecrets(mesh))];
}

async function caSecrets(mesh: string): Promise<readonly [cert: object, key: object]> {
  const options = { commonName: mesh, spiffeId: `spiffe://${mesh}`, validForMs: 1_000 * minuteMs, now: new Date() };
  const { certPem, keyPem } = await generateCa(options);
  const secret = (name: string, pem: string) => ({ type: "Secret", mesh, name, data: Buffer.from(pem).toString("base64") });
  return [secret(`${mesh}-cert`, certPem), secret(`${mesh}-key`, keyPem)];
}

function serialOf(proxy: TestProxy, mesh?: string): string | undefined {
  return certificateOf(proxy, mesh)?.serialNumber;
}

function endOf(certificate: X509Certificate | undefined): number {
  return new Date(certificate?.validTo ?? "").getTime();
}

async function advance(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await settle(20);
}

describe("the certificate of a proxy", () => {
  it("comes with its first config, from its mesh's CA, with its SPIFFE id and its tags", async () => {
    zone = await new TestZone().start(builtin());
    const proxy = await zone.connect(helloOf(web));
    const certificate = certificateOf(proxy);
    expect(certificate?.subjectAltName?.split(", ")).toEqual([
      "URI:spiffe://default/web",
      "URI:kuma://kuma.io/protocol/http",
      "URI:kuma://kuma.io/service/web",
      "URI:kuma://kuma.io/zone/east",
      "URI:kuma://version/v1",
    ]);
    expect(certificate?.checkIssued(trustedCaOf(proxy) as X509Certificate)).toBe(true);
    expect(endOf(certificate)).toBeCloseTo(Date.now() + 10 * minuteMs, -4);
  });

  it.each([
    ["1d", 24 * 60],
    ["90m", 90],
    ["2h", 120],
  ])("lives as long as the mesh says: %s", async (expiration, minutes) => {
    zone = await new TestZone().start(builtin(expiration));
    const proxy = await zone.connect(helloOf(web));
    expect(endOf(certificateOf(proxy))).toBeCloseTo(Date.now() + minutes * minuteMs, -4);
  });

  it("is renewed well before its end, again and again", async () => {
    zone = await new TestZone().start(builtin());
    const proxy = await zone.connect(helloOf(web));
    const serials = [serialOf(proxy)];
    for (const renewal of [1, 2, 3]) {
      await advance(7 * minuteMs - 1);
      expect(proxy.pushes).toHaveLength(renewal - 1);
      await advance(1);
      await until(() => expect(proxy.pushes).toHaveLength(renewal));
      serials.push(serialOf(proxy));
    }
    expect(new Set(serials).size).toBe(4);
    expect(proxy.pushes.at(-1)?.patch.removed).toEqual([]);
  });

  it("is tried again when it cannot be renewed, and the old one stays meanwhile", async () => {
    const database = failingStore();
    zone = await new TestZone({ store: database.store }).start(builtin());
    const proxy = await zone.connect(helloOf(web));
    const first = serialOf(proxy);
    // The CA is in memory; a change of the Mesh makes it be read again.
    await zone.feed.reached(await zone.put(builtin("11m")));
    await until(() => expect(serialOf(proxy)).not.toBe(first));
    const second = serialOf(proxy);
    const mesh = { kind: "Mesh", mesh: "", name: "default" };
    database.isAway = true;
    zone.proxies.step({ revision: zone.feed.revision, changes: [{ op: "delete", key: mesh }], updates: new Map(), engineMs: 0 });
    await settle();
    await advance(9 * minuteMs);
    expect(serialOf(proxy)).toBe(second);
    database.isAway = false;
    await advance(minuteMs);
    await until(() => expect(serialOf(proxy)).not.toBe(second));
  });

  it("ends with the stream: nothing is renewed for a proxy that left", async () => {
    zone = await new TestZone().start(builtin());
    const proxy = await zone.connect(helloOf(web));
    proxy.disconnect();
    await advance(20 * minuteMs);
    expect(proxy.pushes).toEqual([]);
    expect(vi.getTimerCount()).toBeLessThanOrEqual(2);
  });

  it("goes when the mesh has no mTLS any more", async () => {
    zone = await new TestZone().start(builtin());
    const proxy = await zone.connect(helloOf(web));
    await zone.feed.reached(await zone.put(meshDocument("default")));
    await until(() => expect(proxy.names(typeUrls.secret)).toEqual([]));
    await advance(20 * minuteMs);
    expect(proxy.names(typeUrls.secret)).toEqual([]);
  });

  it("comes when the mesh gets mTLS, together with the config that needs it", async () => {
    zone = await new TestZone().start();
    const proxy = await zone.connect(helloOf(web));
    expect(proxy.names(typeUrls.secret)).toEqual([]);
    const revision = await zone.put(builtin());
    const push = await until(() => proxy.pushes.find((one) => one.generation === revision) ?? expect.fail("no push"));
    const types = new Set(push.patch.changed.map(({ typeUrl }) => typeUrl));
    expect(types).toEqual(new Set([typeUrls.secret, typeUrls.listener]));
  });

  it("follows the proxy's tags", async () => {
    zone = await new TestZone().start(builtin());
    const proxy = await zone.connect(helloOf(web));
    await zone.put(dataplaneDocument("web", { tags: { version: "v2" } }));
    await until(() => expect(certificateOf(proxy)?.subjectAltName).toContain("kuma://version/v2"));
  });
});

describe("another CA", () => {
  it("reissues the certificates of its mesh, and of no other", async () => {
    zone = await new TestZone().start();
    const [mesh, cert, key] = await provided("bring");
    await zone.put(cert, key, mesh);
    await zone.put(builtin());
    const inside = await zone.connect(helloOf(dataplaneDocument("inside", { mesh: "bring" })));
    const outside = await zone.connect(helloOf(web));
    for (const proxy of [inside, outside]) proxy.acknowledge();
    const before = serialOf(inside, "bring");
    const revision = await zone.put(...(await caSecrets("bring")));
    await zone.feed.reached(revision);
    expect(zone.progress.progress.value).toMatchObject({ convergedRevision: revision - 1, proxies: { pending: 1 } });
    await until(() => expect(serialOf(inside, "bring")).not.toBe(before));
    const certificate = certificateOf(inside, "bring");
    expect(certificate?.checkIssued(trustedCaOf(inside, "bring") as X509Certificate)).toBe(true);
    expect(outside.pushes).toEqual([]);
    inside.acknowledge();
    expect(zone.progress.progress.value).toMatchObject({ convergedRevision: revision, proxies: { pending: 0 } });
  });

  it("is not taken for one when the Mesh changes otherwise, or another secret of it", async () => {
    zone = await new TestZone().start(builtin());
    const proxy = await zone.connect(helloOf(web));
    const serial = serialOf(proxy);
    const secret = { type: "Secret", mesh: "default", name: "of-no-concern", data: "" };
    await zone.feed.reached(await zone.put(secret));
    expect(proxy.pushes).toEqual([]);
    const revision = await zone.put({ ...builtin(), routing: { localityAwareLoadBalancing: true } });
    await until(() => expect(proxy.pushes.map(({ generation }) => generation)).toContain(revision));
    await settle();
    expect(serialOf(proxy)).toBe(serial);
  });

  it("is noticed when only its lifetime differs", async () => {
    zone = await new TestZone().start(builtin("10m"));
    const proxy = await zone.connect(helloOf(web));
    const serial = serialOf(proxy);
    await zone.put(builtin("5m"));
    await until(() => expect(serialOf(proxy)).not.toBe(serial));
    expect(endOf(certificateOf(proxy))).toBeCloseTo(Date.now() + 5 * minuteMs, -4);
  });

  it("that comes while a certificate of the old one is being issued wins", async () => {
    zone = await new TestZone().start();
    const [mesh, cert, key] = await provided("bring");
    await zone.put(cert, key, mesh);
    const held = holdNext(zone.store, "get", ({ kind, name }) => kind === "Secret" && name === "bring-key");
    const connecting = zone.connect(helloOf(dataplaneDocument("inside", { mesh: "bring" })));
    await held.reached;
    const secrets = await caSecrets("bring");
    await zone.feed.reached(await zone.put(...secrets));
    held.release();
    const proxy = await connecting;
    const newCa = new X509Certificate(Buffer.from((secrets[0] as { readonly data: string }).data, "base64"));
    await until(() => expect(trustedCaOf(proxy, "bring")?.fingerprint256).toBe(newCa.fingerprint256));
    expect(certificateOf(proxy, "bring")?.checkIssued(newCa)).toBe(true);
  });
});

describe("a CA that is not there yet", () => {
  /** As a zone gets it from its global: the Mesh before its secrets. */
  async function meshWithoutCa(): Promise<readonly [cert: object, key: object]> {
    const [mesh, cert, key] = await provided("late");
    const { type, name, ...spec } = mesh as { readonly type: string; readonly name: string };
    await zone.store.commit([{ op: "put", resource: { kind: type, mesh: "", name, labels: {}, spec } }], author);
    return [cert, key];
  }

  it("costs the proxy its certificate only until it comes", async () => {
    zone = await new TestZone({ clock: systemClock }).start();
    const secrets = await meshWithoutCa();
    const proxy = await zone.connect(helloOf(dataplaneDocument("inside", { mesh: "late", outbound: [outboundTo("web")] })));
    expect(proxy.names(typeUrls.listener)).toContain("inbound:10.0.0.1:80");
    expect(proxy.names(typeUrls.secret)).toEqual([]);
    await zone.put(...secrets);
    await until(() => expect(proxy.names(typeUrls.secret)).toEqual(["identity_cert:secret:late", "mesh_ca:secret:late"]));
  });

  it("does not keep the zone from converging", async () => {
    zone = await new TestZone().start();
    await meshWithoutCa();
    const proxy = await zone.connect(helloOf(dataplaneDocument("inside", { mesh: "late" })));
    proxy.acknowledge();
    const revision = await zone.put({ type: "Secret", mesh: "late", name: "late-cert", data: "" });
    await until(() => expect(proxy.pushes.map(({ generation }) => generation)).toEqual([revision]));
    proxy.acknowledge();
    expect(zone.progress.progress.value.convergedRevision).toBe(revision);
  });

  it("is asked for again by itself", async () => {
    const database = failingStore();
    zone = await new TestZone({ store: database.store }).start(builtin());
    const held = holdNext(zone.store, "get", ({ kind, name }) => kind === "Secret" && name.includes("ca-builtin"));
    const connecting = zone.connect(helloOf(web));
    await held.reached;
    database.isAway = true;
    held.release();
    const proxy = await connecting;
    expect(proxy.names(typeUrls.secret)).toEqual([]);
    database.isAway = false;
    await advance(1_000);
    await until(() => expect(proxy.names(typeUrls.secret)).toHaveLength(2));
  });
});

describe("steps that come while a certificate is being issued", () => {
  it("follow it in their order, and none counts as acknowledged before it is sent", async () => {
    zone = await new TestZone().start(builtin());
    const proxy = await zone.connect(helloOf(dataplaneDocument("web", { outbound: [outboundTo("api")] })));
    proxy.acknowledge();
    const held = holdNext(zone.store, "get", ({ kind, name }) => kind === "Secret" && name.includes("ca-builtin"));
    const mesh = (await zone.store.get({ kind: "Mesh", mesh: "", name: "default" })) as Resource<MeshSpec>;
    const backends = mesh.spec.mtls?.backends?.map((backend) => ({ ...backend, dpCert: { rotation: { expiration: "9m" } } }));
    await zone.store.commit([{ op: "put", resource: { ...mesh, spec: { mtls: { ...mesh.spec.mtls, backends } } } }], author);
    await held.reached;
    const generations = [zone.feed.revision];
    for (const name of ["api-1", "api-2"]) {
      generations.push(await zone.put(dataplaneDocument(name, { service: "api", address: `10.0.0.${name.at(-1)}0` })));
    }
    await zone.feed.reached(generations.at(-1) ?? 0);
    expect(proxy.pushes).toEqual([]);
    held.release();
    await until(() => expect(proxy.pushes.map(({ generation }) => generation)).toEqual(generations));
  });
});
